"""Use cases of an application: submit, withdraw, review."""

from datetime import datetime
from uuid import UUID

import asyncpg

from backend.allocation.application import co_executors, events, queries, rules
from backend.allocation.application.errors import (
    ApplicationNotFound,
    LiveApplicationExists,
    NotInOrder,
    UnknownFacility,
    UnknownLine,
    WindowClosed,
)
from backend.allocation.application.full import Application
from backend.allocation.application.model import (
    ApplicationStatus,
    ApplicationSummary,
    Contents,
    Outcome,
    ReviewApplication,
    SubmitApplication,
    Submitted,
    WithdrawApplication,
)
from backend.allocation.confirmation import service as confirmation
from backend.allocation.licence_need import service as licence_needs
from backend.allocation.plan import service as plans
from backend.allocation.plan.errors import DocumentMismatch
from backend.allocation.plan.model import AnnouncementState, AnnouncementStatus
from backend.allocation.plan.rules import require_pilot
from backend.allocation.purchase_rule import service as purchase_rules
from backend.kernel import deadlines, terms
from backend.kernel import events as log
from backend.kernel.actor import ISSUER, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock, legal_date, to_legal
from backend.kernel.db import Db, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.sealing import Keyring
from backend.registry.account import service as accounts
from backend.registry.facility import service as facilities
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def submit(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    keyring: Keyring,
    actor: Actor,
    announcement_id: UUID,
    signed: Signed[SubmitApplication],
    received_at: datetime | None = None,
    *,
    pilot_valid_to: str,
) -> Submitted:
    """Take an application into the queue: next number, server's time, both under one lock (M §8).

    Whether the window is open is judged by `received_at` (now), the instant it reached the server:
    in a rush nobody in time is shut out by the queue before it.

    An executor that is not ready may submit and is warned (D33). A window that reaches beyond the
    pilot takes nothing after its last day (D1). Raises DocumentMismatch, PilotExpired,
    LineTwice, CoExecutorInvalid, BinInvalid, IinInvalid, AccountNotOpen, AccountBlocked,
    AgreementWithdrawn, AnnouncementNotFound, WindowClosed, UnknownLine, UnknownFacility, LiveApplicationExists.
    """
    command = signed.command
    assert actor.bin is not None, "guarded: executors only"
    if command.announcement_id != announcement_id:
        raise DocumentMismatch(path="document.announcement_id")
    rules.require_sound(command, actor.bin)
    received_at = received_at or clock.now()
    require_pilot(pilot_valid_to, received_at)
    async with db.transaction() as tx:
        executor = await accounts.require_open_executor(tx, actor.bin)
        await accounts.require_taking_part(tx, executor.organisation_id)
        warned = await _warnings(tx, executor.organisation_id, announcement_id, command)
        evidence_id = await evidence.store(tx, signed)
        # From here until commit nobody else submits to this announcement: numbers have no gaps.
        window = await plans.locked_announcement(
            tx, announcement_id, clock, calendar, received_at=received_at
        )
        require_open(window, received_at)
        # times follow the numbers, whoever's turn came first, also when a clock jumps back
        submitted_at = max(received_at, window.last_submitted_at or received_at)
        application_id, seq_no = uuid7(), window.last_seq_no + 1
        await queries.TAKE_NUMBER.run(tx, announcement_id, seq_no, submitted_at)
        await queries.ADD.run(
            tx,
            application_id,
            announcement_id,
            executor.organisation_id,
            seq_no,
            submitted_at,
            evidence_id,
            {f: getattr(command, f) for f in Contents.__struct_fields__},
            warned,
        )
        await _add_lines(tx, application_id, executor.organisation_id, command)
        await co_executors.add(tx, keyring, application_id, command.co_executors)
        due_at = terms.deadline(calendar, "d3", legal_date(submitted_at))
        await deadlines.start(
            tx, "d3", application_id, plans.ISSUER, started_at=submitted_at, due_at=due_at
        )
        event = events.ApplicationSubmitted(
            subject=application_id, announcement_id=announcement_id, seq_no=seq_no
        )
        await log.append(tx, event, by=actor, at=submitted_at)
    return Submitted(application_id, announcement_id, seq_no, submitted_at, due_at, warned)


def require_open(window: AnnouncementState, at: datetime) -> None:
    """The window takes applications that came at this instant. Raises WindowClosed."""
    if window.status is not AnnouncementStatus.ACCEPTING or at > window.accepting_until:
        raise WindowClosed(until=to_legal(window.accepting_until).isoformat(timespec="seconds"))


async def _warnings(
    tx: Tx, executor_id: UUID, announcement_id: UUID, command: SubmitApplication
) -> list[str]:
    """What the reviewer may reject with G1. Raises AnnouncementNotFound, UnknownLine, UnknownFacility."""
    wanted = [line.line_id for line in command.lines]
    offered = {o.line_id: o for o in await queries.OFFERED.all(tx, announcement_id, wanted)}
    for i, line_id in enumerate(wanted):
        if line_id not in offered:
            await plans.announcement(tx, announcement_id)  # no announcement, no lines
            raise UnknownLine(path=f"lines[{i}].line_id")
    named = sorted(rules.facilities(command))
    if named:
        owned = await facilities.owned(tx, [(f, executor_id) for f in named])
        if {facility_id for facility_id, _ in owned} != set(named):
            raise UnknownFacility(path="licences")
    readiness = await accounts.readiness(tx, executor_id)
    missing = [] if readiness is None else [action.value for action in readiness.missing]
    needed = await licence_needs.needed(tx, [o.service_type for o in offered.values()])
    return rules.warnings(command, [o.care_form for o in offered.values()], missing, needed)


async def _add_lines(
    tx: Tx, application_id: UUID, executor_id: UUID, command: SubmitApplication
) -> None:
    try:
        await queries.ADD_LINES.run(
            tx,
            application_id,
            command.announcement_id,
            executor_id,
            [line.line_id for line in command.lines],
            [line.requested for line in command.lines],
        )
    except asyncpg.UniqueViolationError as e:
        if violated(e) == queries.LIVE_CONSTRAINT:
            raise LiveApplicationExists from None
        raise


async def withdraw(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    actor: Actor,
    application_id: UUID,
    signed: Signed[WithdrawApplication],
) -> ApplicationSummary:
    """Take an application back inside the window; a new one goes to the end (M §9, D5).

    Raises DocumentMismatch, ApplicationNotFound, WindowClosed, ApplicationWithdrawn.
    """
    if signed.command.application_id != application_id:
        raise DocumentMismatch(path="document.application_id")
    async with db.transaction() as tx:
        announcement_id = await queries.ANNOUNCEMENT_OF.one(tx, application_id)
        if announcement_id is None:
            raise ApplicationNotFound
        await _require_own(tx, actor, application_id)
        now = clock.now()
        window = await plans.locked_announcement(
            tx, announcement_id, clock, calendar, received_at=now
        )
        require_open(window, now)
        application = await queries.FOR_UPDATE.get(tx, application_id)
        rules.require_not_withdrawn(application.status)
        evidence_id = await evidence.store(tx, signed)
        await queries.WITHDRAW.run(tx, application_id, now, evidence_id)
        await deadlines.fulfil(tx, "d3", [application_id], at=now)  # nothing is owed any more
        await log.append(tx, events.ApplicationWithdrawn(subject=application_id), by=actor, at=now)
        return await queries.ONE.get(tx, application_id)


async def _require_own(tx: Tx, actor: Actor, application_id: UUID) -> None:
    summary = await queries.ONE.get(tx, application_id)
    if actor.bin is None or summary.executor_bin != actor.bin:
        raise ApplicationNotFound


async def review(
    db: Db, clock: Clock, actor: Actor, application_id: UUID, signed: Signed[ReviewApplication]
) -> ApplicationSummary:
    """Accept or reject the first application that waits; one working day from submission (d3, M §9).

    Nothing is accepted whose licences or taxes an outside system has not told of (D28), or denies. Raises
    DocumentMismatch, GroundInvalid, RuleUnknown, ApplicationNotFound, ApplicationWithdrawn,
    ApplicationReviewed, NotInOrder, EvidenceUnknown, EvidenceRefuted, ManualEvidenceWrong.
    """
    command = signed.command
    if command.application_id != application_id:
        raise DocumentMismatch(path="document.application_id")
    rules.require_ground(command)
    async with db.transaction() as tx:
        application = await queries.FOR_UPDATE.one(tx, application_id)
        if application is None:
            raise ApplicationNotFound
        rules.require_reviewable(application.status)
        first = await queries.FIRST_WAITING.get(tx, application.announcement_id)
        if first != application.seq_no:
            raise NotInOrder(next=first)
        accepted = command.decision is Outcome.ACCEPT
        status = ApplicationStatus.ACCEPTED if accepted else ApplicationStatus.REJECTED
        now = clock.now()
        evidence_id = await evidence.store(tx, signed)
        if command.rule is not None:
            await purchase_rules.require(tx, command.rule)
        if accepted:
            contents = (await queries.CONTENTS.get(tx, application_id)).contents
            await confirmation.require_confirmed(
                tx, application_id, contents, command.manual, evidence_id, at=now
            )
        await queries.REVIEW.run(
            tx,
            application_id,
            status,
            command.ground,
            command.text,
            now,
            evidence_id,
            command.rule,
        )
        await deadlines.fulfil(tx, "d3", [application_id], at=now)
        event = events.ApplicationReviewed(
            subject=application_id, outcome=command.decision, ground=command.ground
        )
        await log.append(tx, event, by=actor, at=now)
        return await queries.ONE.get(tx, application_id)


# --- reading --------------------------------------------------------------------------------------


async def queue(
    db: Db, announcement_id: UUID, after: int | None, limit: int
) -> list[ApplicationSummary]:
    """The issuer's queue in its order, `limit` + 1 of it."""
    return await queries.QUEUE.all(db, announcement_id, after or 0, limit + 1)


async def own(db: Db, actor: Actor, after: UUID | None, limit: int) -> list[ApplicationSummary]:
    """The executor's applications, newest first, `limit` + 1 of them. Raises AccountNotOpen."""
    assert actor.bin is not None, "guarded: executors only"
    executor = await accounts.require(db, actor.bin)
    return await queries.OF_EXECUTOR.all(db, executor.organisation_id, after, limit + 1)


async def application(db: Db, keyring: Keyring, actor: Actor, application_id: UUID) -> Application:
    """One application in full, for the issuer and for its executor. Raises ApplicationNotFound."""
    summary = await queries.ONE.one(db, application_id)
    if summary is None or not (actor.roles & ISSUER or summary.executor_bin == actor.bin):
        raise ApplicationNotFound
    told, papers = await confirmation.of_application(db, application_id)
    return Application(
        summary,
        await queries.LINES.all(db, application_id),
        (await queries.CONTENTS.get(db, application_id)).contents,
        await co_executors.of(db, keyring, application_id),
        told,
        papers,
        await queries.CHANGES.all(db, application_id),
    )


async def first_waiting(tx: Tx, announcement_id: UUID) -> int | None:
    """The number of the first application not yet reviewed; None when all are."""
    return await queries.FIRST_WAITING.one(tx, announcement_id)
