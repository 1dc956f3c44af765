"""Showing orders: to the issuer and the registrar all, to an executor its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor
from backend.kernel.hub import Hub
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.order.errors import OrderNotFound, OrderWatchedTooMuch
from backend.registry.order.model import Order, Refusals, RefusedFor
from backend.registry.order.queries import progress as queries
from backend.web import paging
from backend.web.paging import Page

LOOK_EVERY_S: Final = 1.0
HEARTBEAT_EVERY: Final = 15  # looks without anything new
FOLLOWED_FOR: Final = 600  # looks: who wants to see more asks again
WATCHERS_MAX: Final = 1_000  # of one process


async def find(where: Executor, order_id: UUID, actor: Actor | None = None) -> Order:
    """An order with its progress, if this actor may see it. Raises OrderNotFound."""
    order = await queries.FIND.one(where, order_id, _whose(actor))
    if order is None:
        raise OrderNotFound
    return order


async def orders(where: Executor, actor: Actor, cursor: str | None, limit: int) -> Page[Order]:
    """The orders this actor may see, the newest first. Raises BadCursor."""
    before = paging.decode_uuid(cursor)
    rows = await queries.LIST.all(where, _whose(actor), before, limit + 1)
    return paging.page(rows, limit, lambda order: order.order_id)


async def refusals(
    db: Db, clock: Clock, order_id: UUID, actor: Actor, cursor: str | None, limit: int
) -> Refusals:
    """Whom the order could not serve and why; each of the page is told who read it.

    Raises OrderNotFound, BadCursor.
    """
    after = paging.decode_uuid(cursor)
    basis = Basis.ATTACHMENT if _whose(actor) else Basis.DUTY
    access = Access(actor, "ListOrderRefusals", basis, (Field.ACCOUNT, Field.POLICY), order_id)
    async with db.transaction() as tx:
        await find(tx, order_id, actor)
        counts = await refused_for(tx, order_id)
        rows = await queries.REFUSED.all(tx, order_id, after, limit + 1)
        page = paging.page(rows, limit, lambda refused: refused.person_id)
        told = [refused.person_id for refused in page.items]
        await access_records.record(tx, access, told, at=clock.now())
    return Refusals(counts, page.items, page.next)


async def refused_for(where: Executor, order_id: UUID) -> list[RefusedFor]:
    """How many the order could not serve, by reason."""
    return await queries.REFUSED_FOR.all(where, order_id)


async def progress(
    db: Db, order_id: UUID, *, every_s: float = LOOK_EVERY_S, looks: int = FOLLOWED_FOR
) -> AsyncIterator[Order | None]:
    """The order whenever it has come further, to its end; None now and then when it has not.

    At most `looks` times, so that nobody follows for ever.
    """

    async def look() -> Order:
        await asyncio.sleep(every_s)
        return await find(db, order_id)

    async for order in _changes(await find(db, order_id), look, looks):
        yield order


def require_room(db: Db) -> None:
    """Raise OrderWatchedTooMuch when nobody else can follow an order."""
    _hub(db).require_room()


async def follow(db: Db, order_id: UUID) -> AsyncIterator[Order | None]:
    """As `progress`, for many at once: whoever follows shares one statement a second with all others.

    Raises OrderNotFound, OrderWatchedTooMuch.
    """
    hub = _hub(db)
    with hub.watching(order_id):
        order = await find(db, order_id)
        async for changed in _changes(order, lambda: hub.next(order_id), FOLLOWED_FOR):
            yield changed


async def _changes(
    order: Order, look: Callable[[], Awaitable[Order | None]], looks: int
) -> AsyncIterator[Order | None]:
    yield order
    quiet = 0
    for _ in range(looks - 1):
        if order.finished_at is not None:
            return
        now = await look()
        quiet += 1
        if now is not None and now != order:
            order, quiet = now, 0
            yield order
        elif quiet % HEARTBEAT_EVERY == 0:
            yield None


def _hub(db: Db) -> Hub[UUID, Order]:
    async def read(watched: Sequence[UUID]) -> Mapping[UUID, Order]:
        return {order.order_id: order for order in await queries.FIND_ALL.all(db, watched)}

    if db not in _hubs:
        _hubs[db] = Hub(
            read,
            every_s=LOOK_EVERY_S,
            watchers_max=WATCHERS_MAX,
            too_many=OrderWatchedTooMuch,
        )
    return _hubs[db]


_hubs: WeakKeyDictionary[Db, Hub[UUID, Order]] = WeakKeyDictionary()


def _whose(actor: Actor | None) -> str | None:
    """None: everybody's."""
    if actor is None or actor.roles & (ISSUER | {Role.REGISTRAR}):
        return None
    return actor.bin or ""
