"""Judging many: on change, when time has run, and everybody; the live policies follow (M §29(2))."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from backend.kernel import events, jobs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.entitlement import service as entitlement
from backend.registry.policy import service as policies
from backend.registry.standing import queries
from backend.registry.standing.errors import RecomputationNotFound
from backend.registry.standing.events import EverybodyJudged, StatusChanged
from backend.registry.standing.model import Lapsing, Recomputation, Recompute, Standing, Turned

JOB: Final = "registry.recompute_entitlement"
BATCH: Final = 2_000  # persons judged in one transaction: some tens of milliseconds
SLICE: Final = 50_000  # of a recomputation; a partition not larger is read through once
FIRST: Final = UUID(int=0)


async def of_person(where: Executor, person_id: UUID) -> Standing | None:
    """The status as kept; None: never judged yet. `entitlement.status_of` explains it."""
    return await queries.OF_PERSON.one(where, person_id)


async def judge(tx: Tx, persons: Sequence[UUID], on: date) -> list[Turned]:
    """Judge these persons anew from their receipts and categories; those whose status turned."""
    await queries.SHARE_PARTS.run(tx)
    await queries.LOCK.all(tx, persons)
    return await queries.OF_PERSONS.all(tx, on, persons)


async def hold(tx: Tx, part: int) -> None:
    """Let nobody of that partition be judged until the caller's transaction ends.

    Who issues policies reads the statuses of many: one that turns later finds the policy.
    """
    await queries.LOCK_PART.run(tx, part)


async def judge_told(db: Db, clock: Clock, batch: int = BATCH) -> int:
    """Judge up to `batch` of those of whom something was told; how many tellings were taken."""
    now = clock.now()
    async with db.transaction() as tx:
        told = await queries.TAKE_DIRTY.all(tx, batch)
        if told:
            turned = await judge(tx, list(set(told)), legal_date(now))
            await _follow(tx, clock, turned)
    return len(told)


async def judge_due(db: Db, clock: Clock, batch: int = BATCH) -> int:
    """Judge up to `batch` of those whose status time itself may have changed; how many."""
    today = legal_date(clock.now())
    async with db.transaction() as tx:
        due = await queries.TAKE_DUE.all(tx, today, batch)
        if due:
            await _follow(tx, clock, await queries.STORED.all(tx, today, due))
    return len(due)


async def ask(resources: Resources, actor: Actor, command: Recompute) -> Recomputation:
    """Let everybody (of a region) be judged anew from the receipts; a job does it in slices."""
    async with resources.db.registry.transaction() as tx:
        run = await _start(tx, resources.clock, command.region, actor.label)
        await jobs.enqueue(tx, JOB, {"run_id": str(run.run_id)}, dedupe_key=f"{JOB}:{run.run_id}")
        return run


async def start(db: Db, clock: Clock, region: str | None) -> Recomputation:
    """Begin a recomputation that the caller carries out himself with `recompute`."""
    async with db.transaction() as tx:
        return await _start(tx, clock, region, SYSTEM.label)


async def _start(tx: Tx, clock: Clock, region: str | None, asked_by: str) -> Recomputation:
    now, run_id = clock.now(), uuid7()
    await queries.START.run(tx, run_id, region, legal_date(now), asked_by, now)
    await queries.ADD_PARTS.run(tx, run_id)
    return await queries.RUN.get(tx, run_id)


async def find(where: Executor, run_id: UUID) -> Recomputation:
    """A recomputation and how far it has come. Raises RecomputationNotFound."""
    found = await queries.RUN.one(where, run_id)
    if found is None:
        raise RecomputationNotFound
    return found


async def recompute(db: Db, clock: Clock, run_id: UUID, *, size: int = SLICE) -> None:
    """Carry a recomputation to its end, or as far as other workers leave anything to do.

    Its place is committed with what it judged: killed and begun again, it loses one slice.
    """
    run = await find(db, run_id)
    while await _slice(db, clock, run, size):
        pass
    now = clock.now()
    async with db.transaction() as tx:
        if await queries.FINISH.one(tx, run_id, now) is not None:
            ended = await queries.RUN.get(tx, run_id)
            fact = EverybodyJudged(run_id, ended.done, ended.turned)
            await events.append(tx, fact, by=SYSTEM, at=now)


async def _slice(db: Db, clock: Clock, run: Recomputation, size: int) -> bool:
    today = legal_date(clock.now())
    async with db.transaction() as tx:
        part = await queries.TAKE_PART.one(tx, run.run_id)
        if part is None:
            return False
        after = part.after or FIRST
        found = await queries.SLICES[part.part].get(tx, after, size)
        turned: list[Turned] = []
        if found.until is not None:
            await queries.LOCK_PART.run(tx, part.part)
            await queries.ROOM.get(tx)
            turned = await queries.OF_PART[part.part].all(tx, today, after, found.until, run.region)
            await _follow(tx, clock, turned)
        await queries.ADVANCE.run(
            tx,
            run.run_id,
            part.part,
            found.until or after,
            found.persons,
            len(turned),
            found.persons < size,
        )
    return True


async def lapsing(
    where: Executor, first: date, last: date, *, after: tuple[date, UUID] | None, limit: int
) -> list[Lapsing]:
    """Whose status ends between two days, both inclusive, unless something is paid; in pages.

    A status that something known already carries on (a month paid ahead, another category) is not
    about to lapse. A page may be shorter than `limit`; it is the last when it is empty.
    """
    since, person = after or (first, FIRST)
    while True:
        ending = await queries.LAPSING.all(where, first, last, since, person, limit)
        found: list[Lapsing] = []
        for until in sorted({one.until for one in ending}):
            those = [one for one in ending if one.until == until]
            stays = await entitlement.stays(where, [one.person_id for one in those], until)
            found += [one for one in those if not stays[one.person_id]]
        if found or not ending:
            return found
        since, person = ending[-1].until, ending[-1].person_id


async def _follow(tx: Tx, clock: Clock, turned: Sequence[Turned]) -> None:
    """Tell whose status turned, and let their live policies cover what they are entitled to."""
    if not turned:
        return
    now = clock.now()
    await events.append_many(
        tx,
        [StatusChanged(t.person_id, t.before, t.status, t.basis, t.until) for t in turned],
        by=SYSTEM,
        at=now,
    )
    await policies.reassess(
        tx,
        [t.person_id for t in turned],
        actor=SYSTEM.label,
        basis_id=f"entitlement {legal_date(now)}",
        at=now,
    )
