"""Use cases of sampling: set the parameters, ask for a sample, draw it, read it, publish its seed."""

import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel import jobs
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.sampling import queries, rules
from backend.payments.sampling.errors import SampleNotDrawn, SampleNotFound, SeedHeld
from backend.payments.sampling.explaining import explained
from backend.payments.sampling.model import (
    LINES_MAX,
    AskSample,
    Item,
    ItemRow,
    Parameters,
    ParametersInForce,
    Part,
    Sample,
    SampledExecutor,
    SampleStatus,
    SetParameters,
    Waiting,
)
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.web.paging import Page, page

DRAW_JOB = "payments.draw_sample"
_SEED = 32  # octets


async def set_parameters(
    resources: Resources, actor: Actor, signed: Signed[SetParameters]
) -> ParametersInForce:
    """Other numbers for the rules, from the next sample on; those before stay readable."""
    async with resources.db.payments.transaction() as tx:
        await queries.SET.run(
            tx,
            uuid7(),
            msgspec.to_builtins(signed.command.values),
            signed.command.reason,
            await evidence.store(tx, signed),
            actor.label,
            resources.clock.now(),
        )
        return await queries.IN_FORCE.get(tx)


async def parameters(where: Executor) -> ParametersInForce:
    """The numbers of the next sample; this version's own until somebody signs others."""
    found = await queries.IN_FORCE.one(where)
    return found or ParametersInForce(None, Parameters(), None, None, None)


async def parameters_before(
    where: Executor, before: int | None, limit: int
) -> list[ParametersInForce]:
    """Every set of numbers that was signed, newest first."""
    return await queries.HISTORY.all(where, before, limit)


async def ask(resources: Resources, actor: Actor, command: AskSample) -> Sample:
    """Fix the period, the parameters and the seed, whose hash is told; the worker draws then.

    Raises SamplePeriod.
    """
    rules.require_period(command.period_from, command.period_to)
    sample_id = uuid7()
    async with resources.db.payments.transaction() as tx:
        in_force = await parameters(tx)
        await queries.ASK.run(
            tx,
            sample_id,
            command.period_from,
            command.period_to,
            command.region,
            in_force.no,
            msgspec.to_builtins(in_force.values),
            secrets.token_bytes(_SEED),
            actor.label,
            resources.clock.now(),
        )
        await jobs.enqueue(tx, DRAW_JOB, {"sample_id": str(sample_id)})
        return await queries.ONE.get(tx, sample_id)


async def draw(resources: Resources, sample_id: UUID) -> None:
    """Look at every line of the period at once; drawn already, it stays as it is."""
    async with resources.db.payments.transaction() as tx:
        await queries.PATIENT.one(tx)
        await queries.ROOM.one(tx)
        sample = await queries.WAITING.one(tx, sample_id)
        if sample is None:
            return
        drawn = await queries.DRAW.get(tx, *_arguments(sample))
        now = resources.clock.now()
        await queries.FINISH.run(tx, sample_id, now, drawn.lines, drawn.risky_lines)


def _arguments(sample: Waiting) -> tuple[object, ...]:
    p = sample.parameters
    return (
        sample.sample_id, sample.period_from, sample.period_to, sample.region, sample.seed,
        p.no_visit_points, p.two_places_points, p.two_stays_points, p.stay_forms,
        p.stay_overlap_days, p.same_minute_points, p.same_minute_people, p.too_far_points,
        p.too_far_km, p.too_far_kmh, p.outlier_points, p.outlier_z_milli, p.outlier_peers,
        p.risk_lines, p.lines_per_executor, p.random_lines, p.phone_away_points, p.phone_away_m,
    )  # fmt: skip


async def is_drawn(where: Executor, sample_id: UUID) -> bool:
    """Whether there is such a sample and it has been drawn."""
    return await queries.DRAWN.one(where, sample_id) is not None


async def sample(where: Executor, sample_id: UUID) -> Sample:
    """One sample. Raises SampleNotFound."""
    found = await queries.ONE.one(where, sample_id)
    if found is None:
        raise SampleNotFound
    return found


async def published(where: Executor, sample_id: UUID) -> Sample:
    """A sample whose seed is public. Raises SampleNotFound."""
    found = await queries.PUBLISHED.one(where, sample_id)
    if found is None:
        raise SampleNotFound
    return found


async def samples(where: Executor, after: UUID | None, limit: int) -> list[Sample]:
    """Newest first."""
    return await queries.LIST.all(where, after, limit)


async def publish(db: Db, sample_id: UUID, at: datetime) -> Sample:
    """Let everybody draw the random part again. Raises SampleNotFound, SeedHeld."""
    async with db.transaction() as tx:
        await sample(tx, sample_id)
        if not await queries.PUBLISH.run(tx, sample_id, at):
            raise SeedHeld
        return await sample(tx, sample_id)


async def items(
    db: Db,
    clock: Clock,
    actor: Actor,
    sample_id: UUID,
    language: str,
    *,
    part: Part | None,
    executor_id: UUID | None,
    after: int | None,
    limit: int,
) -> Page[Item]:
    """A page of the lines, explained; whose services were looked at is noted.

    Raises SampleNotFound, SampleNotDrawn.
    """
    async with db.transaction() as tx:
        await _require_drawn(tx, sample_id)
        rows = await queries.ITEMS.all(tx, sample_id, after or 0, part, executor_id, limit + 1)
        shown = page(rows, limit, lambda row: row.no)
        access = Access(actor, "ListSampleItems", Basis.ACT, (Field.SERVICES,), sample_id)
        await access_records.record(tx, access, _people(shown.items), at=clock.now())
    return Page(items=explained(shown.items, language), next=shown.next)


async def table(db: Db, clock: Clock, actor: Actor, sample_id: UUID, language: str) -> bytes:
    """All lines of a sample as CSV; noted as reading them. Raises SampleNotFound, SampleNotDrawn."""
    async with db.transaction() as tx:
        await _require_drawn(tx, sample_id)
        rows = await queries.ITEMS.all(tx, sample_id, 0, None, None, 2 * LINES_MAX)
        access = Access(actor, "FetchSample", Basis.ACT, (Field.SERVICES,), sample_id)
        await access_records.record(tx, access, _people(rows), at=clock.now())
    return rules.table(explained(rows, language))


def _people(rows: list[ItemRow]) -> list[UUID]:
    return sorted({row.person_id for row in rows})


async def executors(
    where: Executor, sample_id: UUID, after: tuple[int, UUID] | None, limit: int
) -> list[SampledExecutor]:
    """How the executors of a sample compare, the highest mean score first.

    Raises SampleNotFound, SampleNotDrawn.
    """
    await _require_drawn(where, sample_id)
    score, executor_id = after or (None, None)
    return await queries.EXECUTORS.all(where, sample_id, score, executor_id, limit)


async def _require_drawn(where: Executor, sample_id: UUID) -> None:
    if (await sample(where, sample_id)).status is not SampleStatus.DRAWN:
        raise SampleNotDrawn
