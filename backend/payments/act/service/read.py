"""Reading acts: the executor its own, the issuer all. `executor_id` None means all."""

from uuid import UUID

import msgspec

from backend.kernel.actor import ISSUER, Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor
from backend.payments.act import queries
from backend.payments.act.errors import ActNotFound
from backend.payments.act.model import Act, ActCase, ActWithReport
from backend.payments.act.rules import REPORT_LINES_MAX
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.account import service as account
from backend.web.paging import Page, decode_int, page


async def scope_of(where: Executor, actor: Actor) -> UUID | None:
    """Whose acts the actor may see: None for the issuer, else its own. Raises AccountNotOpen."""
    if actor.roles & ISSUER:
        return None
    return (await account.require(where, actor.bin or "")).organisation_id


async def act(where: Executor, act_id: UUID, executor_id: UUID | None) -> Act:
    """One act. Raises ActNotFound."""
    found = await queries.FIND.one(where, act_id, executor_id)
    if found is None:
        raise ActNotFound
    return found


async def act_with_report(where: Executor, act_id: UUID, executor_id: UUID | None) -> ActWithReport:
    """One act, what its checks found, and why it was passed over. Raises ActNotFound."""
    found = await act(where, act_id, executor_id)
    return ActWithReport(
        **msgspec.structs.asdict(found),
        report=await queries.REPORT.get(where, act_id),
        skips=tuple(await queries.SKIPS.all(where, act_id)),
        disputes=tuple(await queries.DISPUTES.all(where, act_id, REPORT_LINES_MAX))
        if executor_id is None
        else (),
    )


async def acts(
    where: Executor, executor_id: UUID | None, status: str | None, after: int, limit: int
) -> list[Act]:
    """Acts in the order of submission, those behind the place `after`."""
    return await queries.LIST.all(where, executor_id, status, after, limit)


async def cases(
    db: Db, clock: Clock, actor: Actor, act_id: UUID, cursor: str | None, limit: int
) -> Page[ActCase]:
    """A page of an act's cases; whose they are is noted. Raises ActNotFound, BadCursor."""
    after = decode_int(cursor) or 0
    async with db.transaction() as tx:
        executor_id = await scope_of(tx, actor)
        await act(tx, act_id, executor_id)
        rows = await queries.CASES.all(tx, act_id, after, limit + 1, executor_id is None)
        shown = page(rows, limit, lambda case: case.line_no)
        people = await queries.PEOPLE.all(tx, act_id, [case.line_no for case in shown.items])
        access = Access(actor, "ListActCases", Basis.ACT, (Field.SERVICES,), act_id)
        await access_records.record(tx, access, people, at=clock.now())
    return shown
