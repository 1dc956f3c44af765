"""Use cases of the plan: import, approve, publish, close the window."""

import asyncio
import base64
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from backend.allocation.plan import queries, rules
from backend.allocation.plan.errors import (
    AnnouncementNotFound,
    DocumentMismatch,
    PlanInForce,
    PlanNotFound,
    PlanRowsInvalid,
)
from backend.allocation.plan.events import PlanPublished, WindowClosed
from backend.allocation.plan.model import (
    Announcement,
    AnnouncementState,
    AnnouncementStatus,
    ApprovePlan,
    ImportPlan,
    ImportPlanTable,
    ImportPlanWorkbook,
    Limits,
    LineDraft,
    Plan,
    PlanLine,
    PlanState,
    PlanStatus,
    Published,
    PublishPlan,
    SourceSum,
)
from backend.allocation.plan.table import read_table
from backend.allocation.plan.workbook import read_workbook
from backend.kernel import deadlines, events, terms
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.tables import RowError
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

ISSUER = "issuer"
EXECUTORS = "executors"
# In a rush the last to arrive in time wait for their turn: the window is closed to them no sooner. Longer
# than any request may take.
LAST_TURNS = timedelta(seconds=60)


async def import_plan(db: Db, clock: Clock, actor: Actor, signed: Signed[ImportPlan]) -> Plan:
    """Take a signed plan as a draft. Raises PlanRowsInvalid; then nothing is imported."""
    command = signed.command
    _require_rows(command.lines)
    async with db.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        plan_id = await _add(
            tx, clock, actor, (command.year, command.limits, command.lines), evidence_id
        )
        return await queries.PLAN.get(tx, plan_id)


async def import_table(db: Db, clock: Clock, actor: Actor, command: ImportPlanTable) -> Plan:
    """Take a CSV table as a draft. Raises PlanRowsInvalid with every faulty row; nothing is half done."""
    lines, faults = read_table(command.csv)
    if faults:
        raise PlanRowsInvalid(faults)
    _require_rows(lines)
    async with db.transaction() as tx:
        plan_id = await _add(tx, clock, actor, (command.year, command.limits, lines), None)
        return await queries.PLAN.get(tx, plan_id)


async def import_workbook(db: Db, clock: Clock, actor: Actor, command: ImportPlanWorkbook) -> Plan:
    """Take an XLSX workbook as a draft. Raises PlanRowsInvalid with every faulty row."""
    try:
        raw = base64.b64decode(command.xlsx, validate=True)
    except ValueError:  # binascii.Error is one; letters beyond ASCII raise the plain one
        raise PlanRowsInvalid([RowError(0, "", "PLAN_ROW_NOT_XLSX")]) from None
    lines, faults = await asyncio.to_thread(read_workbook, raw)
    if faults:
        raise PlanRowsInvalid(faults)
    _require_rows(lines)
    async with db.transaction() as tx:
        plan_id = await _add(tx, clock, actor, (command.year, command.limits, lines), None)
        return await queries.PLAN.get(tx, plan_id)


def _require_rows(lines: list[LineDraft]) -> None:
    faults = rules.check_lines(lines)
    if faults:
        raise PlanRowsInvalid(faults)


async def _add(
    tx: Tx,
    clock: Clock,
    actor: Actor,
    plan: tuple[int, Limits, list[LineDraft]],
    evidence_id: UUID | None,
) -> UUID:
    year, limits, lines = plan
    plan_id = uuid7()
    await queries.LOCK_YEAR.run(tx, year)  # versions of a year are counted one by one
    version = await queries.NEXT_VERSION.get(tx, year)
    await queries.ADD_PLAN.run(tx, plan_id, year, version, clock.now(), actor.label, evidence_id)
    await queries.ADD_LIMITS.run(tx, plan_id, limits.gvfmc, limits.mhi)
    await queries.ADD_LINES.run(
        tx,
        plan_id,
        [uuid7() for _ in lines],
        [line.code for line in lines],
        [line.source for line in lines],
        [line.region for line in lines],
        [line.service_type for line in lines],
        [line.care_form for line in lines],
        [line.title_kk for line in lines],
        [line.title_ru for line in lines],
        [line.unit for line in lines],
        [line.planned_units for line in lines],
        [line.tariff_tiyn for line in lines],
        [line.base_kind for line in lines],
        [line.payment_method for line in lines],
        [line.lot for line in lines],
        [line.phc_full for line in lines],
        [line.v_max_percent for line in lines],
    )
    return plan_id


async def approve(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    actor: Actor,
    plan_id: UUID,
    signed: Signed[ApprovePlan],
) -> Plan:
    """The head approves a draft within the limits; the five days to publish it begin (d1, M §7).

    Raises PlanNotFound, DocumentMismatch, PlanStateWrong, LimitsExceeded.
    """
    async with db.transaction() as tx:
        plan = await _locked(tx, plan_id, signed.command.plan_id)
        rules.require_status(plan.status, PlanStatus.DRAFT)
        rules.require_within_limits(await queries.SUMS.all(tx, plan_id))
        now = clock.now()
        evidence_id = await evidence.store(tx, signed)
        await queries.APPROVE.run(tx, plan_id, now, evidence_id)
        due_at = terms.deadline(calendar, "d1", legal_date(now))
        await deadlines.start(tx, "d1", plan_id, ISSUER, started_at=now, due_at=due_at)
        return await queries.PLAN.get(tx, plan_id)


async def publish(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    actor: Actor,
    plan_id: UUID,
    signed: Signed[PublishPlan],
    *,
    pilot_valid_to: str,
) -> Published:
    """Publish an approved plan and its announcement; five working days to apply begin (d2, M §7-8).

    The window ends with the last instant of its fifth working day (D4). Late publication is
    allowed and stays visible as a breach of d1. Raises PlanNotFound, DocumentMismatch,
    PlanStateWrong, PlanInForce, PilotExpired.
    """
    async with db.transaction() as tx:
        plan = await _locked(tx, plan_id, signed.command.plan_id)
        rules.require_status(plan.status, PlanStatus.APPROVED)
        now = clock.now()
        rules.require_pilot(pilot_valid_to, now)
        evidence_id = await evidence.store(tx, signed)
        try:
            await queries.PUBLISH.run(tx, plan_id, now, evidence_id)
        except asyncpg.UniqueViolationError as e:
            if violated(e) == queries.IN_FORCE_CONSTRAINT:
                raise PlanInForce(year=plan.year) from None
            raise
        published = await _announce(tx, calendar, plan_id, now)
        await deadlines.fulfil(tx, "d1", [plan_id], at=now)
        event = PlanPublished(
            subject=plan_id, announcement_id=published.announcement_id, year=plan.year
        )
        await events.append(tx, event, by=actor, at=now)
        return published


async def _locked(tx: Tx, plan_id: UUID, named: UUID) -> PlanState:
    if named != plan_id:
        raise DocumentMismatch(path="document.plan_id")
    return await locked(tx, plan_id)


async def locked(tx: Tx, plan_id: UUID) -> PlanState:
    """A plan under its row's lock. Raises PlanNotFound."""
    plan = await queries.PLAN_FOR_UPDATE.one(tx, plan_id)
    if plan is None:
        raise PlanNotFound
    return plan


async def _announce(tx: Tx, calendar: LegalCalendar, plan_id: UUID, now: datetime) -> Published:
    announcement_id = uuid7()
    until = terms.deadline(calendar, "d2", legal_date(now))
    await queries.ADD_ANNOUNCEMENT.run(tx, announcement_id, plan_id, now, until)
    await queries.ANNOUNCE_LINES.run(tx, announcement_id, plan_id)
    await deadlines.start(tx, "d2", announcement_id, EXECUTORS, started_at=now, due_at=until)
    return Published(announcement_id, plan_id, now, until)


async def close_windows(db: Db, clock: Clock, calendar: LegalCalendar) -> int:
    """Close the windows that are over, and whose last arrivals have had their turn; how many.

    Safe to run in parallel and again.
    """
    now = clock.now()
    async with db.transaction() as tx:
        return await _close(tx, now, calendar, None, ended_by=now - LAST_TURNS)


async def locked_announcement(
    tx: Tx,
    announcement_id: UUID,
    clock: Clock,
    calendar: LegalCalendar,
    *,
    received_at: datetime | None = None,
) -> AnnouncementState:
    """The announcement under its lock, its window closed if it is over. Raises AnnouncementNotFound.

    For what was received at `received_at` it is over only if it was then, however long it had to
    wait for its turn.
    """
    found = await queries.ANNOUNCEMENT_FOR_UPDATE.one(tx, announcement_id)
    if found is None:
        raise AnnouncementNotFound
    now = clock.now()
    asked_at = received_at or now
    if found.status is not AnnouncementStatus.ACCEPTING or asked_at <= found.accepting_until:
        return found
    if received_at is not None and now <= found.accepting_until + LAST_TURNS:
        return found  # refused by its own time; those before it in the queue are not
    await _close(tx, now, calendar, announcement_id, ended_by=now)
    again = await queries.ANNOUNCEMENT_FOR_UPDATE.one(tx, announcement_id)
    assert again is not None, "the row is locked by us"
    return again


async def _close(
    tx: Tx, now: datetime, calendar: LegalCalendar, only: UUID | None, *, ended_by: datetime
) -> int:
    closed = await queries.CLOSE_WINDOWS.all(tx, now, only, ended_by)
    for over in closed:
        # The window ended by itself, whenever we come to notice it (D4): terms count from then.
        ended = over.accepting_until
        await deadlines.fulfil(tx, "d2", [over.announcement_id], at=ended)
        due_at = terms.deadline(calendar, "d4", legal_date(ended))
        await deadlines.start(
            tx, "d4", over.announcement_id, ISSUER, started_at=ended, due_at=due_at
        )
        await events.append(tx, WindowClosed(subject=over.announcement_id), by=SYSTEM, at=now)
    return len(closed)


async def set_status(tx: Tx, announcement_id: UUID, status: AnnouncementStatus) -> None:
    """Move the announcement on; the caller holds its lock and knows the way."""
    await queries.SET_ANNOUNCEMENT_STATUS.run(tx, announcement_id, status)


async def sums(tx: Tx, plan_id: UUID) -> list[SourceSum]:
    """What the lines of each source cost now, against its limit now; applied changes included."""
    return await queries.SUMS.all(tx, plan_id)


async def limits(tx: Tx, plan_id: UUID) -> dict[str, int]:
    """The financing limit of each source of a plan, in tiyn."""
    return {s.source: s.limit_tiyn for s in await queries.SUMS.all(tx, plan_id)}


# --- reading --------------------------------------------------------------------------------------


async def plan_of(where: Executor, plan_id: UUID) -> Plan:
    """A plan in any state. Raises PlanNotFound."""
    found = await queries.PLAN.one(where, plan_id)
    if found is None:
        raise PlanNotFound
    return found


async def plans(
    where: Executor, after: UUID | None, limit: int, *, public: bool = False
) -> list[Plan]:
    """Plans, newest first, `limit` + 1 of them; with `public` only those ever published."""
    query = queries.PUBLIC_PLANS if public else queries.PLANS
    return await query.all(where, after, limit + 1)


async def lines(
    where: Executor, plan_id: UUID, after: str | None, limit: int, *, public: bool = False
) -> list[PlanLine]:
    """Lines by code, `limit` + 1 of them; with `public` of a published plan only. Raises PlanNotFound."""
    if public and await queries.PUBLIC_PLAN_ID.one(where, plan_id) is None:
        raise PlanNotFound
    return await queries.LINES.all(where, plan_id, after, limit + 1)


async def announcements(where: Executor, after: UUID | None, limit: int) -> list[Announcement]:
    """Announcements, newest first, `limit` + 1 of them."""
    return await queries.ANNOUNCEMENTS.all(where, after, limit + 1)


async def announcement(where: Executor, announcement_id: UUID) -> Announcement:
    """One announcement. Raises AnnouncementNotFound."""
    found = await queries.ANNOUNCEMENT.one(where, announcement_id)
    if found is None:
        raise AnnouncementNotFound
    return found


async def follow_terms(db: Db) -> int:
    """Let running acceptance windows end when their terms do; how many moved."""
    return await queries.FOLLOW_TERMS.run(db)
