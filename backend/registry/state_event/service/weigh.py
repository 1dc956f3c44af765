"""Before a run of events is applied, the brake is asked: too many at once wait for the registrar (FAULTS 22)."""

import hashlib
from typing import Final
from uuid import UUID

from backend.kernel.actor import SYSTEM
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.brake import service as brake
from backend.registry.brake.model import NOWHERE, Effect, Kind, Run, Verdict
from backend.registry.state_event import queries
from backend.registry.state_event.model import Outcome, Source

JOB: Final = "registry.apply_state_events"
RUN_MAX: Final = 50_000  # events weighed as one; a journal that tells more is weighed in turns


async def weigh(resources: Resources, source: Source, *, run_max: int = RUN_MAX) -> UUID | None:
    """Weigh everything a journal has told since, once it is read to its end; the run's id.

    One run is passed or held whole. While one is held, nothing of that source is applied.
    """
    db, now = resources.db.registry, resources.clock.now()
    if not await queries.TO_WEIGH.get(db, source):
        return None
    async with db.transaction() as tx:
        feed = await queries.LOCK_FEED.one(tx, source)
        if feed is None or not feed.drained or not await queries.TO_WEIGH.get(tx, source):
            return None
        run_id = uuid7()
        ids = await queries.FORM_RUN.all(tx, source, run_id, run_max)
        effects = await _effects(tx, run_id)
        if effects:
            run = Run(
                feed="state_events",
                source=source,
                run_id=run_id,
                job=JOB,
                digest=hashlib.sha256(b"".join(sorted(i.bytes for i in ids))).digest(),
            )
            if await brake.pass_or_hold(tx, resources.keyring, SYSTEM, run, effects, at=now):
                await queries.SET_RUN.run(tx, run_id, Outcome.READY, Outcome.HELD, None)
    return run_id


async def decided(resources: Resources, hold_id: UUID, verdict: Verdict) -> None:
    """The registrar decided about a held run: let it be applied once, or never."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        if verdict is Verdict.DISCARD:
            run_id = (await brake.find(tx, hold_id)).run_id
            await queries.SET_RUN.run(tx, run_id, Outcome.HELD, Outcome.DISCARDED, now)
            return
        taken = await brake.take(tx, hold_id, at=now)
        if taken is not None:
            await queries.SET_RUN.run(tx, taken.run_id, Outcome.HELD, Outcome.READY, None)


async def _effects(tx: Tx, run_id: UUID) -> list[Effect]:
    """How many open accounts the run would block, by region."""
    persons = await queries.PERSONS_MET.all(tx, run_id)
    effects = await brake.effects_of(tx, Kind.BLOCK, persons) if persons else []
    if organisations := await queries.ORGANISATIONS_MET.get(tx, run_id):
        effects.append(Effect(Kind.BLOCK_EXECUTOR, NOWHERE, organisations))
    return effects
