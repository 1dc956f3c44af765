"""Use cases of the decision: compute once, show, sign or refuse to sign (M §11)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.allocation.application import service as applications
from backend.allocation.decision import bundle, events, queries
from backend.allocation.decision.algorithms import named
from backend.allocation.decision.case import input_sha256
from backend.allocation.decision.errors import AllocationRefused
from backend.allocation.decision.explain import explain
from backend.allocation.decision.model import ALGORITHM, Case, Mode
from backend.allocation.decision.record import (
    AcceptedLine,
    Decision,
    DecisionState,
    DecisionStatus,
    OfferedLine,
    RefuseDecision,
    ShareRow,
    ShareView,
    SignDecision,
    SourceTotal,
)
from backend.allocation.decision.refusals import (
    AlreadyDecided,
    ApplicationsWaiting,
    DecisionNotFound,
    DecisionStateWrong,
    LineUncomputable,
    ResultChanged,
    WindowOpen,
)
from backend.allocation.decision.trace import trace
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
from backend.kernel.money import Language
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

_SIGNED = (DecisionStatus.SIGNED, DecisionStatus.EXECUTED)
_PUBLIC = (*_SIGNED, DecisionStatus.FAILED)


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
    MISSING_CAPACITY and others of the computation), LimitsExceeded.
    """
    async with db.transaction() as tx:
        window = await plans.locked_announcement(tx, announcement_id, clock, calendar)
        await _require_decidable(tx, window)
        offered = await queries.OFFERED.all(tx, announcement_id)
        accepted = await queries.ACCEPTED.all(tx, announcement_id)
        parts = await queries.PARTS.all(tx, announcement_id)
        cases = bundle.build_cases(offered, accepted, parts)
        decided = await asyncio.to_thread(_allocate, cases, algorithm)
        totals = await _totals(tx, window, decided)
        plan = await queries.PLAN_OF.get(tx, announcement_id)
        content = bundle.build(announcement_id, plan, decided, totals, algorithm)
        decision_id, now = uuid7(), clock.now()
        failed = not accepted
        await queries.ADD.run(
            tx,
            decision_id,
            announcement_id,
            DecisionStatus.FAILED if failed else DecisionStatus.CALCULATED,
            algorithm,
            bundle.input_sha256(decided),
            content,
            now,
            actor.label,
        )
        await _keep(tx, decision_id, decided, accepted)
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


def _allocate(
    cases: Sequence[tuple[OfferedLine, Case]], algorithm: str
) -> list[bundle.DecidedCase]:
    compute, decided = named(algorithm), []
    for offered, case in cases:
        try:
            outcome = compute(case.line, case.applications)
        except AllocationRefused as e:
            raise LineUncomputable(
                code=e.actual_code, path=f"{offered.code}.{e.path}", line=offered.code
            ) from None
        decided.append(bundle.DecidedCase(offered, case, outcome))
    return decided


async def _totals(
    tx: Tx, window: AnnouncementState, decided: Sequence[bundle.DecidedCase]
) -> list[SourceTotal]:
    """What each source gives, with what earlier decisions gave. Raises LimitsExceeded (D24)."""
    limits = await plans.limits(tx, window.plan_id)
    spent = {
        s.source: s.amount_tiyn
        for s in await queries.SPENT.all(tx, window.plan_id, window.announcement_id)
    }
    totals = []
    for source, limit in sorted(limits.items()):
        amount = sum(d.outcome.amount_tiyn for d in decided if d.offered.source == source)
        before = spent.get(source, 0)
        if before + amount > limit:
            raise LimitsExceeded(source=source, limit_tiyn=limit, over_tiyn=before + amount - limit)
        totals.append(SourceTotal(source, amount, before, limit))
    return totals


async def _keep(
    tx: Tx,
    decision_id: UUID,
    decided: Sequence[bundle.DecidedCase],
    accepted: Sequence[AcceptedLine],
) -> None:
    """The outcome of every line and every share with its trace, a statement for each table."""
    await queries.ADD_LINES.run(
        tx,
        decision_id,
        [d.offered.line_id for d in decided],
        [d.outcome.mode for d in decided],
        [d.offered.units for d in decided],
        [d.outcome.residue for d in decided],
        [d.outcome.amount_tiyn for d in decided],
        [bytes.fromhex(input_sha256(d.case)) for d in decided],
    )
    rows = {(row.line_id, str(row.application_id)): row for row in accepted}
    told = [
        (rows[d.offered.line_id, t.share.id], t)
        for d in decided
        if d.outcome.mode is not Mode.FAILED
        for t in trace(d.case.line, d.case.applications, d.outcome)
    ]
    await queries.ADD_SHARES.run(
        tx,
        decision_id,
        [row.line_id for row, _ in told],
        [row.application_id for row, _ in told],
        [row.executor_id for row, _ in told],
        [row.seq_no for row, _ in told],
        [t.share.group for _, t in told],
        [t.share.min for _, t in told],
        [t.share.max for _, t in told],
        [t.share.allocated for _, t in told],
        [t.share.amount_tiyn for _, t in told],
        [t.share.reason for _, t in told],
        [row.no_history is not False for row, _ in told],
        [msgspec.json.encode(t).decode() for _, t in told],
    )
    parts = [(row, part) for row, t in told for part in t.share.co_executors]
    await queries.ADD_SHARE_PARTS.run(
        tx,
        decision_id,
        [row.line_id for row, _ in parts],
        [row.application_id for row, _ in parts],
        [int(part.id) for _, part in parts],
        [part.allocated for _, part in parts],
    )


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
    if found is None or not (actor.roles & ISSUER or found.status in _PUBLIC):
        raise DecisionNotFound
    return found


async def published(db: Db, actor: Actor | None, decision_id: UUID) -> bytes:
    """The canonical bytes: for everyone once signed, for the issuer before. Raises DecisionNotFound."""
    found = await queries.BUNDLE.one(db, decision_id)
    inside = actor is not None and bool(actor.roles & ISSUER)
    if found is None or not (inside or found.status in _PUBLIC):
        raise DecisionNotFound
    return found.bundle


async def shares(
    db: Db,
    actor: Actor,
    language: Language,
    decision_id: UUID,
    after: tuple[int, UUID] | None,
    limit: int,
) -> list[ShareView]:
    """Shares in the order of applications, `limit` + 1 of them; an executor sees his own.

    Raises DecisionNotFound.
    """
    await decision(db, actor, decision_id)
    only = None if actor.roles & ISSUER else actor.bin
    seq_no, line_id = after or (None, None)
    rows = await queries.SHARES.all(db, decision_id, seq_no, line_id, only, limit + 1)
    return [_view(row, language) for row in rows]


def _view(row: ShareRow, language: Language) -> ShareView:
    told = {f: getattr(row, f) for f in ShareView.__struct_fields__ if f != "explanation"}
    return ShareView(**told, explanation=explain(row.trace, language))
