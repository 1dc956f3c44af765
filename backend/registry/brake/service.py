"""The brake: a feed that would block, detach or move too many at once stops whole and asks (FAULTS 22).

A feed that blocks, closes, moves or detaches calls `pass_or_hold` in the transaction that would apply
its run, before anything is applied:

    effects = await brake.effects_of(tx, Kind.BLOCK, persons)
    run = Run(feed="gbd_fl", source=…, run_id=batch_id, job="registry.apply_deaths", …)
    if hold_id := await brake.pass_or_hold(tx, resources.keyring, actor, run, effects, at=now):
        return …          # nothing is applied; the batch waits whole, sealed
    …                     # apply

When an officer has released it, `job` is queued with `{"hold_id", "verdict"}`. The job opens a transaction,
takes the run back with `take` (once, ever) and applies it there, without asking the brake again. Of a
discarded run it hears too (`verdict` DISCARD), to clear what it keeps itself.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from backend.kernel import events, jobs
from backend.kernel.actor import Actor
from backend.kernel.db import Db, Executor, Query, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.brake import queries, rules
from backend.registry.brake.errors import HoldNotFound, LimitNeeded
from backend.registry.brake.events import (
    BrakeLimitChanged,
    HoldDiscarded,
    HoldReleased,
    RunHeld,
)
from backend.registry.brake.model import (
    ANYWHERE,
    WINDOW_MAX_S,
    Base,
    Decide,
    Decided,
    Effect,
    Hold,
    HoldStatus,
    Kind,
    Limit,
    Run,
    SetLimit,
    Taken,
    Verdict,
    Weighed,
    Weight,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

BASE_FRESH: Final = timedelta(hours=1)  # counting a region reads all its persons
# Who an effect can meet, by a name under which the count is kept.
_BASES: Final[Mapping[Kind, tuple[str, Query[Base]]]] = {
    Kind.DETACH: ("ATTACHED", queries.COUNT_ATTACHED),
    Kind.MOVE: ("ATTACHED", queries.COUNT_ATTACHED),
    Kind.BLOCK: ("ACCOUNTS", queries.COUNT_ACCOUNTS),
    Kind.CLOSE: ("ACCOUNTS", queries.COUNT_ACCOUNTS),
    Kind.TAKE_BACK: ("ACCOUNTS", queries.COUNT_ACCOUNTS),
    Kind.BLOCK_EXECUTOR: ("EXECUTORS", queries.COUNT_EXECUTORS),
    Kind.CLOSE_EXECUTOR: ("EXECUTORS", queries.COUNT_EXECUTORS),
}


async def effects_of(where: Executor, kind: Kind, persons: Sequence[UUID]) -> list[Effect]:
    """What meeting those persons (each named once) would be: so many of each region."""
    return await queries.EFFECTS.all(where, kind, persons)


async def pass_or_hold(
    tx: Tx, keyring: Keyring, actor: Actor, run: Run, effects: Sequence[Effect], *, at: datetime
) -> UUID | None:
    """None: the run may be applied in this transaction, and counts. Else it is held whole: its hold.

    Until the transaction ends nobody else weighs the same kinds and regions, so that two runs
    cannot both pass under one limit. `actor` is who sent the run.
    """
    weighed = await weigh(tx, effects, at=at)
    if not any(w.over for w in weighed):
        kinds, regions, counts = _columns(effects)
        await queries.PASS.run(tx, kinds, regions, counts, at, run.run_id)
        return None
    hold_id = uuid7()
    await queries.HOLD.run(
        tx,
        hold_id,
        run.feed,
        run.source,
        run.run_id,
        sorted({e.kind for e in effects}),
        weighed,
        rules.digest(run, effects),
        run.digest,
        None if run.content is None else keyring.seal(run.content, hold_id.bytes),
        run.job,
        at,
    )
    kinds_over = tuple(sorted({w.weight.kind.value for w in weighed if w.over}))
    told = RunHeld(hold_id, run.feed, kinds_over, sum(e.count for e in effects))
    await events.append(tx, told, by=actor, at=at)
    return hold_id


async def weigh(tx: Tx, effects: Sequence[Effect], *, at: datetime) -> tuple[Weighed, ...]:
    """The effects against every limit there is for them: a dry run, under the brake's lock."""
    kinds, regions, counts = _columns(effects)
    await queries.LOCK.run(tx, [f"{k}:{r}" for k, r in zip(kinds, regions, strict=True)])
    weights = await queries.WEIGHTS.all(tx, kinds, regions, counts, at)
    totals = await _totals(tx, [w for w in weights if rules.needs_count(w)], at)
    return rules.weigh(weights, totals)


async def take(tx: Tx, hold_id: UUID, *, at: datetime) -> Taken | None:
    """The released run, to be applied in this very transaction; None when it is not to be, or was."""
    return await queries.TAKE.one(tx, hold_id, at)


def content(keyring: Keyring, taken: Taken) -> bytes:
    """What the feed gave the brake to keep. SealBroken when it is not that any more."""
    assert taken.sealed is not None, "the feed kept the content itself"
    return keyring.open(taken.sealed, taken.hold_id.bytes)


async def forget(tx: Tx, *, at: datetime) -> None:
    """Forget what passed so long ago that no window reaches it."""
    await queries.FORGET.run(tx, at - timedelta(seconds=WINDOW_MAX_S))


async def decide(resources: Resources, actor: Actor, signed: Signed[Decide]) -> Decided:
    """Release or discard held runs by a signed decision, all of them or none.

    Raises HoldNotFound, HoldNotYours, HoldDiffers, HoldDecided, DocumentAlreadyUsed.
    """
    now, command = resources.clock.now(), signed.command
    seen = {held.hold_id: held for held in command.holds}
    status = HoldStatus.RELEASED if command.verdict is Verdict.RELEASE else HoldStatus.DISCARDED
    async with resources.db.registry.transaction() as tx:
        waiting = await queries.FOR_DECISION.all(tx, list(seen))
        if len(waiting) < len(seen):
            raise HoldNotFound(path="$.holds")
        for hold in waiting:
            rules.require_decidable(hold, seen[hold.hold_id], actor.roles)
        evidence_id = await evidence.store(tx, signed)
        decided = await queries.DECIDE.all(
            tx, list(seen), status, now, actor.label, evidence_id, command.reason
        )
        assert len(decided) == len(seen), "the holds are locked"
        for hold in waiting:
            payload = {"hold_id": str(hold.hold_id), "verdict": command.verdict.value}
            await jobs.enqueue(tx, hold.job, payload)
            told = HoldReleased if command.verdict is Verdict.RELEASE else HoldDiscarded
            await events.append(tx, told(hold.hold_id, hold.feed), by=actor, at=now)
    return Decided(tuple(h.hold_id for h in waiting), command.verdict)


async def find(where: Executor, hold_id: UUID) -> Hold:
    """A held run. Raises HoldNotFound."""
    hold = await queries.FIND.one(where, hold_id)
    if hold is None:
        raise HoldNotFound
    return hold


async def holds(
    db: Db, *, status: HoldStatus | None, before: UUID | None, limit: int
) -> list[Hold]:
    """Held runs, the newest first, in whatever status or in that one."""
    return await queries.PAGE.all(db, status, before, limit)


async def limits(where: Executor) -> list[Limit]:
    """Every limit there is."""
    return await queries.LIMITS.all(where)


async def set_limit(resources: Resources, actor: Actor, signed: Signed[SetLimit]) -> list[Limit]:
    """Set a limit, or let a region fall back on the one of all. Raises BrakeLimitNeeded."""
    now, command = resources.clock.now(), signed.command
    async with resources.db.registry.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        row = (command.kind, command.region, command.window_s)
        if command.share_milli is not None:
            await queries.SET_LIMIT.run(
                tx, *row, command.share_milli, command.minimum, now, evidence_id
            )
        elif command.region == ANYWHERE and not await queries.OTHER_LIMITS.get(tx, *row):
            raise LimitNeeded(path="$.share_milli")
        else:
            await queries.DROP_LIMIT.run(tx, *row)
        changed = BrakeLimitChanged(evidence_id, command.kind.value, command.region)
        await events.append(tx, changed, by=actor, at=now)
        return await limits(tx)


def _columns(effects: Sequence[Effect]) -> tuple[list[Kind], list[str], list[int]]:
    return [e.kind for e in effects], [e.region for e in effects], [e.count for e in effects]


async def _totals(tx: Tx, weights: Sequence[Weight], at: datetime) -> dict[tuple[Kind, str], int]:
    """How many there are of each kind and region, counted within the hour or now."""
    asked: dict[str, set[str]] = defaultdict(set)
    for weight in weights:
        asked[_BASES[weight.kind][0]].add(weight.region)
    known: dict[tuple[str, str], int] = {}
    for of, count in dict(_BASES.values()).items():
        if of in asked:
            known |= {(of, r): n for r, n in (await _count(tx, of, count, asked[of], at)).items()}
    return {(w.kind, w.region): known[_BASES[w.kind][0], w.region] for w in weights}


async def _count(
    tx: Tx, of: str, count: Query[Base], regions: set[str], at: datetime
) -> dict[str, int]:
    fresh = await queries.FRESH_BASES.all(tx, of, list(regions), at - BASE_FRESH, at)
    known = {base.region: base.total for base in fresh}
    if stale := sorted(regions - known.keys()):
        counted = await count.all(tx, stale)
        known |= {base.region: base.total for base in counted}
        rows = [base.region for base in counted], [base.total for base in counted]
        await queries.KEEP_BASES.run(tx, of, *rows, at)
    return known
