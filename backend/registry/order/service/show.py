"""Showing orders: to the issuer and the registrar all, to an executor its own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.order.errors import OrderNotFound
from backend.registry.order.model import Order, Refusals, RefusedFor
from backend.registry.order.queries import progress as queries
from backend.web import paging
from backend.web.paging import Page

LOOK_EVERY_S: Final = 1.0
HEARTBEAT_EVERY: Final = 15  # looks without anything new
FOLLOWED_FOR: Final = 600  # looks: who wants to see more asks again


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
    last: Order | None = None
    quiet = 0
    for _ in range(looks):
        order = await find(db, order_id)
        quiet += 1
        if order != last:
            last, quiet = order, 0
            yield order
        elif quiet % HEARTBEAT_EVERY == 0:
            yield None
        if order.finished_at is not None:
            return
        await asyncio.sleep(every_s)


def _whose(actor: Actor | None) -> str | None:
    """None: everybody's."""
    if actor is None or actor.roles & (ISSUER | {Role.REGISTRAR}):
        return None
    return actor.bin or ""
