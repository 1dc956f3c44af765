"""Use cases of the decision: compute once, show, sign or refuse to sign (M §11)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.allocation.application import service as applications
from backend.allocation.decision import bundle, events, inputs, keeping, queries
from backend.allocation.decision.algorithms import named
from backend.allocation.decision.bundle import DecidedCase
from backend.allocation.decision.errors import AlgorithmUnknown, AllocationRefused
from backend.allocation.decision.inputs import Prepared
from backend.allocation.decision.model import ALGORITHM
from backend.allocation.decision.record import (
    Decision,
    DecisionState,
    DecisionStatus,
    RefuseDecision,
    SignDecision,
    SourceTotal,
)
from backend.allocation.decision.refusals import (
    AlgorithmMissing,
    AlreadyDecided,
    ApplicationsWaiting,
    DecisionNotFound,
    DecisionStateWrong,
    LineUncomputable,
    ResultChanged,
    WindowOpen,
)
from backend.allocation.plan import service as plans
from backend.allocation.plan.errors import DocumentMismatch, LimitsExceeded
from backend.allocation.plan.model import AnnouncementState, AnnouncementStatus
from backend.allocation.plan.rules import require_within_limits
from backend.kernel import deadlines, terms
from backend.kernel import events as log
from backend.kernel.actor import ISSUER, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock, legal_date, to_legal
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

SIGNED = (DecisionStatus.SIGNED, DecisionStatus.EXECUTED)
PUBLIC = (*SIGNED, DecisionStatus.FAILED)


async def decide(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    actor: Actor,
    announcement_id: UUID,
    *,
    algorithm: str = ALGORITHM,
) -> Decision:
    """Allocate every line of a closed announcement, once (domain 3.4, 5.3).

    Ratings and capacities are those in force now; they are kept with the result and later imports
    change nothing. Without an accepted application the announcement has FAILED. Raises
    AnnouncementNotFound, WindowOpen, ApplicationsWaiting, AlreadyDecided, LineUncomputable (codes
    MISSING_CAPACITY and others of the computation), LimitsExceeded, AlgorithmMissing.
    """
    async with db.transaction() as tx:
        window = await plans.locked_announcement(tx, announcement_id, clock, calendar)
        await _require_decidable(tx, window)
        offered = await queries.OFFERED.all(tx, announcement_id)
        accepted = await queries.ACCEPTED.all(tx, announcement_id)
        parts = await queries.PARTS.all(tx, announcement_id)
        now = clock.now()
        prepared = await asyncio.to_thread(inputs.prepare, offered, accepted, parts, now)
        decided = await asyncio.to_thread(_allocate, prepared, algorithm)
        totals = await _totals(tx, window, decided)
        plan = await queries.PLAN_OF.get(tx, announcement_id)
        built = await asyncio.to_thread(
            bundle.build, announcement_id, plan, decided, totals, algorithm
        )
        decision_id = uuid7()
        failed = not accepted
        await queries.ADD.run(
            tx,
            decision_id,
            announcement_id,
            DecisionStatus.FAILED if failed else DecisionStatus.CALCULATED,
            algorithm,
            built.input_sha256,
            built.content,
            now,
            actor.label,
        )
        await keeping.keep(tx, decision_id, decided, built.line_sha256)
        decision = await queries.ONE.get(tx, decision_id)
        await _tell(tx, actor, decision, failed=failed, now=now)
        return decision


async def _require_decidable(tx: Tx, window: AnnouncementState) -> None:
    """Acceptance closed, every application reviewed, no decision yet."""
    if window.status in (AnnouncementStatus.PUBLISHED, AnnouncementStatus.ACCEPTING):
        raise WindowOpen(until=to_legal(window.accepting_until).isoformat(timespec="seconds"))
    live = await queries.LIVE.one(tx, window.announcement_id)
    if live is not None or window.status is not AnnouncementStatus.CLOSED:
        raise AlreadyDecided
    waiting = await applications.first_waiting(tx, window.announcement_id)
    if waiting is not None:
        raise ApplicationsWaiting(next=waiting)


def _allocate(prepared: Sequence[Prepared], algorithm: str) -> list[DecidedCase]:
    try:
        compute = named(algorithm)
    except AlgorithmUnknown:
        raise AlgorithmMissing(algorithm=algorithm) from None
    decided = []
    for one in prepared:
        case, code = one.case, one.offered.code
        try:
            outcome = compute(case.line, case.applications)
        except AllocationRefused as e:
            raise LineUncomputable(code=e.actual_code, path=f"{code}.{e.path}", line=code) from None
        decided.append(DecidedCase(one, outcome))
    return decided


async def _totals(
    tx: Tx, window: AnnouncementState, decided: Sequence[DecidedCase]
) -> list[SourceTotal]:
    """What each source gives, with what earlier decisions gave. Raises LimitsExceeded (D24)."""
    limits = await plans.limits(tx, window.plan_id)
    spent = {
        s.source: s.amount_tiyn
        for s in await queries.SPENT.all(tx, window.plan_id, window.announcement_id)
    }
    totals = []
    for source, limit in sorted(limits.items()):
        amount = sum(d.outcome.amount_tiyn for d in decided if d.prepared.offered.source == source)
        before = spent.get(source, 0)
        if before + amount > limit:
            raise LimitsExceeded(source=source, limit_tiyn=limit, over_tiyn=before + amount - limit)
        totals.append(SourceTotal(source, amount, before, limit))
    return totals


async def _tell(tx: Tx, actor: Actor, decision: Decision, *, failed: bool, now: datetime) -> None:
    subject, announcement_id = decision.decision_id, decision.announcement_id
    if failed:
        await plans.set_status(tx, announcement_id, AnnouncementStatus.FAILED)
        await deadlines.fulfil(tx, "d4", [announcement_id], at=now)
        event: log.Event = events.AllocationFailed(subject, announcement_id)
    else:
        event = events.DecisionCalculated(subject, announcement_id, decision.result_sha256)
    await log.append(tx, event, by=actor, at=now)


async def sign(
    tx: Tx,
    clock: Clock,
    calendar: LegalCalendar,
    actor: Actor,
    decision_id: UUID,
    signed: Signed[SignDecision],
) -> Decision:
    """The issuer's head signs the computed result; one working day for the contracts begins (d5).

    Joins the caller's transaction, which forms the contracts. Raises DocumentMismatch,
    DecisionNotFound, DecisionStateWrong, ResultChanged, LimitsExceeded (D24).
    """
    state = await _locked(tx, decision_id, signed.command.decision_id)
    if state.result_sha256.hex() != signed.command.result_sha256:
        raise ResultChanged(path="document.result_sha256")
    # Another decision of the plan may have been signed meanwhile: one at a time, limits once more.
    plan_id = await queries.LOCK_PLAN.get(tx, state.announcement_id)
    require_within_limits(await queries.SUMS_WITH.all(tx, plan_id, decision_id))
    now = clock.now()
    evidence_id = await evidence.store(tx, signed)
    await queries.SIGN.run(tx, decision_id, now, evidence_id)
    await plans.set_status(tx, state.announcement_id, AnnouncementStatus.ALLOCATED)
    await deadlines.fulfil(tx, "d4", [state.announcement_id], at=now)
    due_at = terms.deadline(calendar, "d5", legal_date(now))
    await deadlines.start(tx, "d5", decision_id, plans.ISSUER, started_at=now, due_at=due_at)
    event = events.DecisionSigned(decision_id, state.announcement_id)
    await log.append(tx, event, by=actor, at=now)
    return await queries.ONE.get(tx, decision_id)


async def refuse(
    db: Db, clock: Clock, actor: Actor, decision_id: UUID, signed: Signed[RefuseDecision]
) -> Decision:
    """The issuer's head will not sign; the announcement may be computed anew from changed data (D6).

    Raises DocumentMismatch, DecisionNotFound, DecisionStateWrong.
    """
    async with db.transaction() as tx:
        state = await _locked(tx, decision_id, signed.command.decision_id)
        now = clock.now()
        evidence_id = await evidence.store(tx, signed)
        await queries.ANNUL.run(tx, decision_id, now, evidence_id, signed.command.reason)
        event = events.DecisionAnnulled(decision_id, state.announcement_id)
        await log.append(tx, event, by=actor, at=now)
        return await queries.ONE.get(tx, decision_id)


async def _locked(tx: Tx, decision_id: UUID, named: UUID) -> DecisionState:
    if named != decision_id:
        raise DocumentMismatch(path="document.decision_id")
    state = await locked(tx, decision_id)
    if state.status is not DecisionStatus.CALCULATED:
        raise DecisionStateWrong(status=state.status.value)
    return state


async def locked(tx: Tx, decision_id: UUID) -> DecisionState:
    """The decision under its lock. Raises DecisionNotFound."""
    state = await queries.FOR_UPDATE.one(tx, decision_id)
    if state is None:
        raise DecisionNotFound
    return state


async def execute(tx: Tx, decision_id: UUID, *, at: datetime) -> None:
    """All contracts of the decision bear the issuer's signature: d5 is kept (M §12)."""
    await queries.EXECUTE.run(tx, decision_id, at)
    await deadlines.fulfil(tx, "d5", [decision_id], at=at)


# --- reading --------------------------------------------------------------------------------------


async def decision(where: Executor, actor: Actor, decision_id: UUID) -> Decision:
    """For the issuer in any state, for executors once signed. Raises DecisionNotFound."""
    found = await queries.ONE.one(where, decision_id)
    if found is None or not (actor.roles & ISSUER or found.status in PUBLIC):
        raise DecisionNotFound
    return found
