"""Rounds of questions about every executor with a contract: S1 and S2, once a legal day each.

A round is asked in portions. When all have answered, or the day is over, what was found is counted
(the dry run) and then applied at once; too many contracts wait for a second approval (FAULTS 22). A
silent source decides nothing: it is asked for less and later, and who got no answer stays unknown.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import legal_date
from backend.kernel.config import Config
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.detection import queries, rules
from backend.payments.detection.errors import RoundDiffers, RoundNotFound, RoundNotHeld
from backend.payments.detection.events import (
    DetectionLimitChanged,
    RoundConcluded,
    RoundDiscarded,
    RoundHeld,
    RoundReleased,
    SourceSilent,
)
from backend.payments.detection.model import (
    DecideRound,
    Finding,
    Limit,
    Open,
    Round,
    RoundStatus,
    RoundWithFindings,
    SetLimit,
    Source,
    Verdict,
    Weight,
)
from backend.payments.suspension import causes
from backend.payments.suspension import service as suspension
from backend.payments.suspension.model import Ground
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.sources.exchange import SourceUnavailable

_SHOWN_MAX = 1_000
_ALL = 1_000_000  # executors: more than the country has


async def look(resources: Resources, ground: Ground) -> None:
    """Take the day's round of a ground one step further. A ground without a source has no rounds."""
    if not causes.connected(resources.config, ground):
        return
    await _start(resources, ground)
    await _ask(resources, ground)
    await _conclude(resources, ground)


async def _start(resources: Resources, ground: Ground) -> None:
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        round_id = await queries.START.one(tx, uuid7(), ground, legal_date(now), now)
        if round_id is not None:
            asked = await queries.FILL.run(tx, round_id, ground)
            await queries.COUNTED.run(tx, round_id, asked)


async def _ask(resources: Resources, ground: Ground) -> None:
    """Ask about one portion: claimed, asked outside of any transaction, recorded."""
    db, now = resources.db.payments, resources.clock.now()
    portion = await queries.CLAIM.all(db, ground, now, now - rules.LEASE)
    if not portion:
        return
    try:
        answers = await causes.ask(resources, ground, portion)
    except SourceUnavailable:
        await _leave_alone(resources, ground, portion)
        return
    async with db.transaction() as tx:
        await queries.ANSWERED.run(
            tx,
            ground,
            now,
            [a.executor_id for a in answers],
            [a.as_of for a in answers],
            [a.cause and {"basis": a.cause.basis, **a.cause.facts} for a in answers],
        )
        await queries.SOURCE_ANSWERED.run(tx, ground, rules.PORTION_MAX)


async def _leave_alone(resources: Resources, ground: Ground, portion: Sequence[UUID]) -> None:
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        failures = await queries.SOURCE_FAILED.get(tx, ground, now)
        await queries.LEAVE_ALONE.run(tx, ground, now + rules.pause(failures))
        await queries.RELEASE_CLAIM.run(tx, ground, list(portion))
        asking = await queries.ASKING.one(tx, ground)
        if failures == 1 and asking is not None:
            await events.append(tx, SourceSilent(asking.round_id, ground), by=SYSTEM, at=now)


async def _conclude(resources: Resources, ground: Ground) -> None:
    """Count what a finished round found, and apply it or hold it."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        asking = await queries.ASKING.one(tx, ground)
        if asking is None:
            return
        if asking.day >= legal_date(now) and await queries.WAITING.get(tx, asking.round_id):
            return
        await queries.LOCK_BRAKE.run(tx)
        findings = await queries.FINDINGS.all(tx, asking.round_id, ground, _ALL)
        contracts = sum(f.contracts for f in findings)
        weight = await queries.WEIGHT.get(tx, asking.round_id, contracts, now - rules.WINDOW)
        held = rules.too_many(weight)
        await _close(tx, asking, weight, held, rules.digest(asking.round_id, findings), now)
        if not held:
            await _apply(tx, resources.calendar, ground, findings, now)


async def _close(
    tx: Tx, asking: Open, weight: Weight, held: bool, digest: str, now: datetime
) -> None:
    await queries.CONCLUDE.run(
        tx,
        asking.round_id,
        RoundStatus.HELD if held else RoundStatus.APPLIED,
        now,
        weight.unknown,
        weight.found,
        weight.contracts,
        weight.passed,
        weight.total_contracts,
        weight.share_milli,
        weight.minimum,
        digest,
    )
    await queries.SUPERSEDE.run(tx, asking.ground, asking.round_id)
    told = (
        RoundHeld(asking.round_id, asking.ground, weight.found, weight.contracts)
        if held
        else RoundConcluded(
            asking.round_id,
            asking.ground,
            weight.asked,
            weight.unknown,
            weight.found,
            weight.contracts,
        )
    )
    await events.append(tx, told, by=SYSTEM, at=now)


async def _apply(
    tx: Tx, calendar: LegalCalendar, ground: Ground, findings: Sequence[Finding], now: datetime
) -> None:
    await suspension.raise_many(tx, calendar, rules.causes(ground, findings), now)


async def decide(resources: Resources, actor: Actor, signed: Signed[DecideRound]) -> Round:
    """Apply or discard what a held round found, by a second, signed approval.

    Raises RoundNotFound, RoundNotHeld, RoundDiffers, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        await queries.LOCK.one(tx, command.round_id)
        held = await queries.FIND.one(tx, command.round_id)
        if held is None:
            raise RoundNotFound
        if not rules.may_decide(held):
            raise RoundNotHeld(status=held.status)
        if held.sha256 != command.sha256:
            raise RoundDiffers(path="$.sha256")
        released = command.verdict is Verdict.RELEASE
        await queries.DECIDE.run(
            tx,
            held.round_id,
            RoundStatus.RELEASED if released else RoundStatus.DISCARDED,
            now,
            actor.label,
            await evidence.store(tx, signed),
            command.reason,
        )
        if released:
            findings = await queries.FINDINGS.all(tx, held.round_id, held.ground, _ALL)
            await _apply(tx, resources.calendar, held.ground, findings, now)
        told = (
            RoundReleased(held.round_id, held.ground, held.contracts or 0)
            if released
            else RoundDiscarded(held.round_id, held.ground)
        )
        await events.append(tx, told, by=actor, at=now)
        return await queries.FIND.get(tx, held.round_id)


async def find(where: Executor, round_id: UUID) -> RoundWithFindings:
    """A round and what it found. Raises RoundNotFound."""
    found = await queries.FIND.one(where, round_id)
    if found is None:
        raise RoundNotFound
    return RoundWithFindings(
        found, await queries.FINDINGS.all(where, round_id, found.ground, _SHOWN_MAX)
    )


async def page(
    where: Executor, status: RoundStatus | None, before: UUID | None, limit: int
) -> list[Round]:
    """Rounds, the newest first; of one status if asked."""
    return await queries.PAGE.all(where, status, before, limit)


async def sources(where: Executor, config: Config) -> list[Source]:
    """How the sources fare."""
    return [
        Source(
            s.ground, causes.connected(config, s.ground), s.failures, s.ask_after, s.silent_since
        )
        for s in await queries.SOURCES.all(where)
    ]


async def limit(where: Executor) -> Limit:
    """The brake as it is."""
    return await queries.LIMIT.get(where)


async def set_limit(resources: Resources, actor: Actor, signed: Signed[SetLimit]) -> Limit:
    """Change the brake by a signed command. Raises DocumentAlreadyUsed."""
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        await queries.SET_LIMIT.run(tx, command.share_milli, command.minimum, now, evidence_id)
        changed = DetectionLimitChanged(evidence_id, command.share_milli, command.minimum)
        await events.append(tx, changed, by=actor, at=now)
        return await queries.LIMIT.get(tx)
