"""Carrying orders out: in chunks, each person once, whatever crashes."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Tx
from backend.registry.entitlement import service as entitlement
from backend.registry.order import rules
from backend.registry.order.events import OrderCarriedOut, PoliciesIssued
from backend.registry.order.model import Issued, Part, RunningOrder, Scope, Served
from backend.registry.order.queries import change, issue, progress
from backend.registry.order.service.reverse import reverse
from backend.registry.policy.model import RULE_SET, TARIFF_SET
from backend.registry.standing import service as standing

CHUNK: Final = (
    10_000  # persons in one transaction: a fraction of a second, and a killed worker loses that
)
LANES: Final = 2  # parts at the same time
_OVERTAKEN: Final = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError)


class _Overtaken(Exception):
    """Somebody lengthened a chain of the slice between its reading and its writing."""


async def run(
    db: Db, clock: Clock, order_id: UUID, *, chunk: int = CHUNK, lanes: int = LANES
) -> None:
    """Carry out an order to its end, or as far as other workers leave anything to do.

    May be run by several workers, killed and begun again: progress is committed with the operations it
    counts, and the database has one policy per person and year.
    """
    order = await progress.RUNNING.one(db, order_id)
    if order is None:
        return
    for part in await progress.UNCOUNTED.all(db, order_id):
        total = await progress.COUNT[part.part].get(
            db, part.after, part.until, *_class(order.scope)
        )
        await progress.COUNTED.run(db, order_id, part.part, total)
    await progress.START.run(db, order_id)
    if _is_over(order.scope, clock):
        await progress.FAIL.run(db, order_id, "YEAR_OVER", clock.now())
        return
    async with asyncio.TaskGroup() as group:
        for _ in range(lanes):
            group.create_task(_lane(db, clock, order, chunk))
    await _finish(db, clock, order)


def _is_over(scope: Scope, clock: Clock) -> bool:
    """Nothing is issued or changed for a year that is over; its policies have expired (D13)."""
    return scope.year is not None and legal_date(clock.now()).year > scope.year


async def _lane(db: Db, clock: Clock, order: RunningOrder, chunk: int) -> None:
    """Serve chunks until there is no part that nobody else works on."""
    wary = False
    while True:
        try:
            if not await run_chunk(db, clock, order, chunk, wary=wary):
                return
            wary = False
        except (_Overtaken, *_OVERTAKEN):
            if wary:
                raise
            wary = True


async def run_chunk(
    db: Db, clock: Clock, order: RunningOrder, chunk: int, *, wary: bool = False
) -> bool:
    """Serve up to `chunk` persons of a part nobody else works on; False when there is none.

    `wary`: lock all chains of the slice before reading it, for others change them at this moment.
    """
    async with db.transaction() as tx:
        part = await progress.TAKE_PART.one(tx, order.order_id)
        if part is None:
            return False
        until = await _full(tx, order, part, chunk)
        some = Part(part.part, part.after, until or part.until)
        served = await _serve(tx, clock, order, some, wary=wary)
        await progress.ADVANCE.run(
            tx,
            order.order_id,
            part.part,
            some.until,
            served.done,
            served.refused,
            until is None,
        )
    return True


async def _full(tx: Tx, order: RunningOrder, part: Part, chunk: int) -> UUID | None:
    """The last of the next `chunk` persons the order means; None: so many are not left."""
    if _is_for_all(order.scope):
        return await progress.FULL[part.part].one(tx, part.after, part.until, chunk)
    return await progress.FULL_OF_CLASS[part.part].one(
        tx, part.after, part.until, *_class(order.scope), chunk
    )


async def _serve(tx: Tx, clock: Clock, order: RunningOrder, part: Part, *, wary: bool) -> Served:
    scope = order.scope
    if scope.operation == "order.issue_policies":
        return await _issue(tx, clock, order, part, wary=wary)
    await change.LOCK_CHAINS[part.part].get(tx, part.after, part.until)
    if scope.operation == "order.reverse_operation":
        return await reverse(tx, order, at=clock.now())
    given = (
        part.after,
        part.until,
        *_class(scope),
        scope.year,
        order.order_id,
        order.actor,
        clock.now(),
    )
    if scope.operation == "order.credit_policies":
        return await change.CREDIT[part.part].get(tx, *given)
    if scope.operation == "order.cancel_policies":
        return await change.CANCEL[part.part].get(tx, *given, scope.ground)
    if scope.operation == "order.change_executor":
        return await change.CHANGE_EXECUTOR[part.part].get(tx, *given)
    insured: dict[UUID, bool] = {}
    if scope.reassess:
        live = await change.LIVE[part.part].all(tx, part.after, part.until, scope.year)
        insured = await entitlement.entitled(tx, live, legal_date(clock.now()))
    return await change.CHANGE[part.part].get(
        tx, *given, scope.tariff_set, scope.rule_set, list(insured), list(insured.values())
    )


async def _issue(tx: Tx, clock: Clock, order: RunningOrder, part: Part, *, wary: bool) -> Served:
    """Issue the policies of a slice. The order's day decides all. Raises _Overtaken.

    Nobody of the slice is judged meanwhile: a status that turns finds the policy it has to change.
    """
    await standing.hold(tx, part.part)
    await issue.PLAN.get(tx)
    if wary:
        await change.LOCK_CHAINS[part.part].get(tx, part.after, part.until)
    first = await _issue_some(tx, clock, order, part, [], [], only=False)
    if not first.unsure:
        return Served(first.done, first.refused)
    issued_on = legal_date(order.created_at)
    decided = await entitlement.entitled(tx, first.unsure, issued_on)
    rest = await _issue_some(
        tx, clock, order, part, list(decided), list(decided.values()), only=True
    )
    assert not rest.unsure, "whoever was decided is sure"
    return Served(first.done + rest.done, first.refused + rest.refused)


async def _issue_some(
    tx: Tx,
    clock: Clock,
    order: RunningOrder,
    part: Part,
    decided: Sequence[UUID],
    insured: Sequence[bool],
    *,
    only: bool,
) -> Issued:
    scope, issued_on = order.scope, legal_date(order.created_at)
    year = scope.year
    assert year is not None
    valid_from, valid_to = rules.validity(year, issued_on)
    queries = issue.ISSUE_TO_ALL if _is_for_all(scope) else issue.ISSUE_TO_CLASS
    issued = await queries[part.part].get(
        tx,
        part.after,
        part.until,
        *_class(scope),
        issued_on,
        year,
        valid_from,
        valid_to,
        TARIFF_SET,
        RULE_SET,
        order.order_id,
        order.actor,
        clock.now(),
        scope.credit,
        decided,
        insured,
        only,
    )
    if issued.chained != issued.done:
        raise _Overtaken
    return issued


def _class(scope: Scope) -> tuple[Sequence[str] | None, date | None, UUID | None]:
    return scope.regions, scope.attached_by, scope.executor_id


def _is_for_all(scope: Scope) -> bool:
    """No class is named: a part is all of its persons."""
    return _class(scope) == (None, None, None)


async def _finish(db: Db, clock: Clock, order: RunningOrder) -> None:
    now = clock.now()
    async with db.transaction() as tx:
        done = await progress.FINISH.one(tx, order.order_id, now)
        if done is None:
            return
        told = OrderCarriedOut(order.order_id, done.operation, done.done, done.refused)
        await events.append(tx, told, by=SYSTEM, at=now)
        if done.operation == "order.issue_policies":
            issued = PoliciesIssued(order.order_id, order.scope.year or 0, done.done)
            await events.append(tx, issued, by=SYSTEM, at=now)
