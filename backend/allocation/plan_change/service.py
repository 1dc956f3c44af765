"""Use cases of plan changes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.allocation.plan import rules as plan_rules
from backend.allocation.plan import service as plans
from backend.allocation.plan.errors import DocumentMismatch, PlanRowsInvalid, PlanStateWrong
from backend.allocation.plan.model import IN_FORCE, PlanState
from backend.allocation.plan_change import queries, rules
from backend.allocation.plan_change.errors import (
    ChangeNotFound,
    ChangeStateWrong,
    LineUnknown,
    RemarksMissing,
)
from backend.allocation.plan_change.events import PlanChangeAnswered, PlanChanged, PlanChangeSent
from backend.allocation.plan_change.model import (
    AddLine,
    AnswerChange,
    ApplyChange,
    ChangeStatus,
    EditRow,
    Outcome,
    Outline,
    PlanChange,
    Route,
    SendChange,
    WithdrawChange,
)
from backend.kernel import deadlines, events, terms
from backend.kernel.actor import Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

MINISTRY = "moh"
TERM = "d16"


async def send(
    db: Db, clock: Clock, calendar: LegalCalendar, actor: Actor, signed: Signed[SendChange]
) -> PlanChange:
    """Send a draft to the ministry; on the silence route its ten working days begin (d16, P ¶20).

    The draft is judged as if it were applied now. Raises PlanNotFound, PlanStateWrong when the plan
    is not in force, LineUnknown, LineTwice, LineCommitted, NothingChanges, PlanRowsInvalid.
    """
    command, now = signed.command, clock.now()
    _require_sound_lines(command)
    route = rules.route_of(command.grounds)
    change_id = uuid7()
    until = terms.deadline(calendar, TERM, legal_date(now)) if route is Route.SILENCE else None
    async with db.transaction() as tx:
        await _locked_plan(tx, command.plan_id)
        await _outline(tx, command.plan_id, rules.stored(command.edits))
        await queries.ADD.run(
            tx,
            change_id,
            command.plan_id,
            await queries.NEXT_NO.get(tx, command.plan_id),
            sorted(set(command.grounds)),
            route,
            command.justification,
            command.gvfmc_limit,
            command.mhi_limit,
            await evidence.store(tx, signed),
            now,
            until,
        )
        await _add_edits(tx, change_id, rules.stored(command.edits))
        if until is not None:
            await deadlines.start(tx, TERM, change_id, MINISTRY, started_at=now, due_at=until)
        await events.append(tx, PlanChangeSent(change_id, command.plan_id), by=actor, at=now)
        return await queries.ONE.get(tx, change_id)


async def answer(
    db: Db, clock: Clock, actor: Actor, change_id: UUID, signed: Signed[AnswerChange]
) -> PlanChange:
    """The ministry agrees or makes remarks. Remarks after the ten working days come too late.

    Raises DocumentMismatch, RemarksMissing, ChangeNotFound, ChangeStateWrong.
    """
    command, now = signed.command, clock.now()
    if (command.outcome is Outcome.REMARKS) != (command.remarks is not None):
        raise RemarksMissing(path="document.remarks")
    async with db.transaction() as tx:
        change = await _locked(tx, change_id, command.change_id)
        _require_status(change, ChangeStatus.SENT_TO_MOH)
        if change.silence_ends_at is not None and now > change.silence_ends_at:
            raise ChangeStateWrong(status="SILENT")
        evidence_id = await evidence.store(tx, signed)
        await queries.ANSWER.run(tx, change_id, command.outcome, evidence_id, now, command.remarks)
        await deadlines.fulfil(tx, TERM, [change_id], at=now)
        told = PlanChangeAnswered(change_id, change.plan_id, command.outcome.value)
        await events.append(tx, told, by=actor, at=now)
        return await queries.ONE.get(tx, change_id)


async def apply(
    db: Db, clock: Clock, actor: Actor, change_id: UUID, signed: Signed[ApplyChange]
) -> PlanChange:
    """Bring a change into force: all of it or nothing, within the limits as they then are (D24).

    Judged anew, since contracts were signed meanwhile. Raises DocumentMismatch, ChangeNotFound,
    ChangeStateWrong, NotAgreedYet, LineUnknown, LineCommitted, NothingChanges, LimitsExceeded.
    """
    now = clock.now()
    async with db.transaction() as tx:
        change = await _locked(tx, change_id, signed.command.change_id)
        rules.require_applicable(change, now)
        await _locked_plan(tx, change.plan_id)
        done = await _outline(tx, change.plan_id, await queries.EDITS.all(tx, change_id))
        await _record(tx, change, done)
        evidence_id = await evidence.store(tx, signed)
        await queries.END.run(tx, change_id, ChangeStatus.APPLIED, evidence_id, now)
        plan_rules.require_within_limits(await plans.sums(tx, change.plan_id))
        await queries.AMEND.run(tx, change.plan_id)
        await deadlines.fulfil(tx, TERM, [change_id], at=_silent_since(change, now))
        await events.append(tx, PlanChanged(change_id, change.plan_id), by=actor, at=now)
        return await queries.ONE.get(tx, change_id)


async def withdraw(
    db: Db, clock: Clock, change_id: UUID, signed: Signed[WithdrawChange]
) -> PlanChange:
    """Take a draft back before it is applied. Raises DocumentMismatch, ChangeNotFound, ChangeStateWrong."""
    now = clock.now()
    async with db.transaction() as tx:
        change = await _locked(tx, change_id, signed.command.change_id)
        if change.status in (ChangeStatus.APPLIED, ChangeStatus.WITHDRAWN):
            raise ChangeStateWrong(status=change.status.value)
        evidence_id = await evidence.store(tx, signed)
        await queries.END.run(tx, change_id, ChangeStatus.WITHDRAWN, evidence_id, now)
        await deadlines.fulfil(tx, TERM, [change_id], at=now)
        return await queries.ONE.get(tx, change_id)


async def end_silence(db: Db, clock: Clock) -> int:
    """Close the terms of the ministry's silence that are over; how many now."""
    return len(await queries.END_SILENCE.all(db, clock.now()))


def _silent_since(change: PlanChange, now: datetime) -> datetime:
    """Silence kept the ministry's term: it ended with it."""
    return now if change.silence_ends_at is None else min(now, change.silence_ends_at)


def _require_sound_lines(command: SendChange) -> None:
    new = [edit.line for edit in command.edits if isinstance(edit, AddLine)]
    faults = plan_rules.check_lines(new)
    if faults:
        raise PlanRowsInvalid(faults)


def _require_status(change: PlanChange, wanted: ChangeStatus) -> None:
    if change.status is not wanted:
        raise ChangeStateWrong(status=change.status.value)


async def _locked(tx: Tx, change_id: UUID, named: UUID) -> PlanChange:
    if named != change_id:
        raise DocumentMismatch(path="document.change_id")
    found = await queries.FOR_UPDATE.one(tx, change_id)
    if found is None:
        raise ChangeNotFound
    return found


async def _locked_plan(tx: Tx, plan_id: UUID) -> PlanState:
    plan = await plans.locked(tx, plan_id)
    if plan.status not in IN_FORCE:
        raise PlanStateWrong(status=plan.status.value)
    return plan


async def _outline(tx: Tx, plan_id: UUID, rows: list[EditRow]) -> Outline:
    lines = {line.code: line for line in await queries.LINES.all(tx, plan_id)}
    return rules.outline(lines, [rules.edit_of(row) for row in rows])


async def _record(tx: Tx, change: PlanChange, done: Outline) -> None:
    await queries.RECORD_LINES.run(
        tx,
        change.change_id,
        [line.line_id for line in done.changes],
        [line.units_before for line in done.changes],
        [line.units_after for line in done.changes],
        [line.amount_before for line in done.changes],
        [line.amount_after for line in done.changes],
    )
    drafts: list[Any] = [
        None if line.draft is None else msgspec.to_builtins(line.draft) for line in done.added
    ]
    try:
        await queries.ADD_LINES.run(
            tx,
            change.plan_id,
            change.change_id,
            [uuid7() for _ in done.added],
            [line.replaces for line in done.added],
            [line.code for line in done.added],
            [line.planned_units for line in done.added],
            [line.tariff_tiyn for line in done.added],
            drafts,
        )
    except asyncpg.UniqueViolationError:
        raise LineUnknown(path="edits") from None


async def _add_edits(tx: Tx, change_id: UUID, rows: list[EditRow]) -> None:
    await queries.ADD_EDITS.run(
        tx,
        change_id,
        [row.kind for row in rows],
        [row.code for row in rows],
        [row.planned_units for row in rows],
        [None if row.line is None else msgspec.to_builtins(row.line) for row in rows],
        [row.new_code for row in rows],
        [row.tariff_tiyn for row in rows],
    )


# --- reading --------------------------------------------------------------------------------------


async def change_of(where: Executor, change_id: UUID) -> tuple[PlanChange, list[EditRow]]:
    """A change and what it asks. Raises ChangeNotFound."""
    found = await queries.ONE.one(where, change_id)
    if found is None:
        raise ChangeNotFound
    return found, await queries.EDITS.all(where, change_id)


async def of_plan(
    where: Executor, plan_id: UUID, after: int | None, limit: int
) -> list[PlanChange]:
    """The changes of a plan in their order, `limit` + 1 of them."""
    return await queries.OF_PLAN.all(where, plan_id, after, limit + 1)
