"""Rate every executor for every kind of service that has indicators (domain 5.2; A, business process 2).

A computation is an import like any other: its rows are ratings, its origin the period, the day and the
hash of the definitions and values it was made from. The newest rating of a pair is in force; a decision
keeps the one it was computed with.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from backend.allocation.rating import queries, rules, service
from backend.allocation.rating.errors import NoIndicators
from backend.allocation.rating.model import ComputeRatings, ImportKind
from backend.allocation.rating.record import Computed, Indicator, Score, Value
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Tx

SOURCE = "Saqtau"


class _Rated(NamedTuple):
    executor_id: UUID
    service_type: str
    score: Score


async def compute(db: Db, clock: Clock, actor: Actor, command: ComputeRatings) -> Computed:
    """Compute and put in force the scores of all executors. Raises NoIndicators."""
    async with db.transaction(isolation="repeatable_read") as tx:
        indicators = await queries.INDICATORS_ON.all(tx, command.on)
        if not indicators:
            raise NoIndicators(on=command.on.isoformat())
        values = await queries.VALUES.all(tx, command.period)
        executors = await queries.EXECUTORS.all(tx)
        rated = await asyncio.to_thread(_rate, indicators, values, executors)
        ranks = {a.executor_id: a.rank for a in await queries.ACCREDITATIONS.all(tx)}
        digest = hashlib.sha256(msgspec.json.encode([indicators, values], order="sorted")).digest()
        reference = f"{command.on.isoformat()} {digest.hex()}"
        imported = await service.add_import(
            tx,
            clock,
            actor,
            ImportKind.RATING,
            (SOURCE, command.period, reference),
            (len(rated), digest),
        )
        await _keep(tx, imported.import_id, rated, ranks)
    return Computed(
        imported,
        indicators=len(indicators),
        executors=len(executors),
        scores=len(rated),
        newcomers=sum(r.score.no_history for r in rated),
    )


def _rate(
    indicators: Sequence[Indicator], values: Sequence[Value], executors: Sequence[UUID]
) -> list[_Rated]:
    by_service: dict[str, list[Indicator]] = defaultdict(list)
    for indicator in indicators:
        by_service[indicator.service_type].append(indicator)
    told: dict[tuple[UUID, str], dict[str, Value]] = defaultdict(dict)
    for value in values:
        told[value.executor_id, value.service_type][value.code] = value
    return [
        _Rated(executor, kind, rules.score(own, told.get((executor, kind), {})))
        for kind, own in by_service.items()
        for executor in executors
    ]


async def _keep(tx: Tx, import_id: UUID, rated: Sequence[_Rated], ranks: dict[UUID, int]) -> None:
    await queries.ADD_RATINGS.run(
        tx,
        import_id,
        [r.executor_id for r in rated],
        [r.service_type for r in rated],
        [r.score.score_milli for r in rated],
        [ranks.get(r.executor_id, 0) for r in rated],
        [r.score.no_history for r in rated],
    )
    # Of a newcomer there is nothing to explain but that nothing is known.
    parts = [(r, part) for r in rated if not r.score.no_history for part in r.score.parts]
    await queries.ADD_PARTS.run(
        tx,
        import_id,
        [r.executor_id for r, _ in parts],
        [r.service_type for r, _ in parts],
        [part.indicator_id for _, part in parts],
        [part.state for _, part in parts],
        [part.value for _, part in parts],
        [part.value_import_id for _, part in parts],
        [part.attained for _, part in parts],
    )
