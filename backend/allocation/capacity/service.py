"""Ask the resource and equipment systems what the applicants of an announcement can do (R59, D28)."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.allocation.capacity import queries, rules
from backend.allocation.capacity.model import Asked, CapacityView, Reading, ReadingOutcome, Run
from backend.allocation.plan.errors import AnnouncementNotFound
from backend.kernel import jobs
from backend.kernel.actor import Actor
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.sources.capacity import service as systems
from backend.sources.capacity.service import Question, System
from backend.sources.exchange import SourceUnavailable

JOB = "allocation.measure_capacity"

Place = tuple[UUID, str, str, str]


async def request(db: Db, announcement_id: UUID) -> None:
    """Have the systems asked about an announcement's applicants. Raises AnnouncementNotFound."""
    async with db.transaction() as tx:
        await _require_announcement(tx, announcement_id)
        await jobs.enqueue(tx, JOB, {"subject": str(announcement_id)})


async def measure(resources: Resources, actor: Actor, announcement_id: UUID) -> Run | None:
    """Ask both systems and keep every answer with its age; None when neither is connected.

    Where one was silent nothing is measured, and what was known before holds, with its age.
    """
    config, db = resources.config, resources.db.allocation
    if not any(systems.url_of(config, system) for system in System):
        return None
    asked = await queries.ASKED.all(db, announcement_id)
    now = resources.clock.now()
    answered = await asyncio.gather(*(_ask(resources, system, asked, now) for system in System))
    readings = [list(both) for both in zip(*answered, strict=True)]
    run_id = uuid7()
    async with db.transaction() as tx:
        await queries.ADD_RUN.run(tx, run_id, announcement_id, now, actor.label)
        await _keep(tx, run_id, asked, readings)
    told = [r.outcome for both in readings for r in both]
    return Run(
        run_id,
        asked=len(asked),
        known=told.count(ReadingOutcome.KNOWN),
        absent=told.count(ReadingOutcome.ABSENT),
        unavailable=told.count(ReadingOutcome.UNAVAILABLE),
    )


async def _ask(
    resources: Resources, system: System, asked: Sequence[Asked], now: datetime
) -> list[Reading]:
    """One system's reading for each of those asked about; one silence silences all of it."""
    questions = [Question(a.number, a.service_type, a.region, a.unit.value) for a in asked]
    try:
        answers = await systems.ask(resources.http, resources.config, system, questions, now=now)
    except SourceUnavailable:
        return [Reading(system, ReadingOutcome.UNAVAILABLE)] * len(asked)
    return [
        Reading(
            system,
            ReadingOutcome.ABSENT if answers[q].capacity is None else ReadingOutcome.KNOWN,
            answers[q].capacity,
            answers[q].as_of,
        )
        for q in questions
    ]


async def _keep(
    tx: Tx, run_id: UUID, asked: Sequence[Asked], readings: Sequence[Sequence[Reading]]
) -> None:
    each = [(a, r) for a, both in zip(asked, readings, strict=True) for r in both]
    await queries.ADD_READINGS.run(
        tx,
        run_id,
        [r.system for _, r in each],
        [a.executor_id for a, _ in each],
        [a.service_type for a, _ in each],
        [a.region for a, _ in each],
        [a.unit for a, _ in each],
        [r.outcome for _, r in each],
        [r.capacity for _, r in each],
        [r.as_of for _, r in each],
    )
    judged = [(a, rules.measured(both)) for a, both in zip(asked, readings, strict=True)]
    found = [(a, m) for a, m in judged if m is not None]
    await queries.ADD_MEASURED.run(
        tx,
        run_id,
        [a.executor_id for a, _ in found],
        [a.service_type for a, _ in found],
        [a.region for a, _ in found],
        [a.unit for a, _ in found],
        [m.capacity for _, m in found],
        [m.as_of for _, m in found],
    )


async def capacities(
    db: Db, announcement_id: UUID, at: datetime, after: Place | None, limit: int
) -> list[CapacityView]:
    """What is known of the applicants' capacities, and whether it may be used; `limit` + 1 of them.

    Raises AnnouncementNotFound.
    """
    await _require_announcement(db, announcement_id)
    place = after or (None, None, None, None)
    rows = await queries.OF_ANNOUNCEMENT.all(db, announcement_id, *place, limit + 1)
    return [CapacityView(row, rules.freshness(row.capacity, row.as_of, at)) for row in rows]


async def _require_announcement(where: Executor, announcement_id: UUID) -> None:
    if await queries.KNOWN_ANNOUNCEMENT.one(where, announcement_id) is None:
        raise AnnouncementNotFound
