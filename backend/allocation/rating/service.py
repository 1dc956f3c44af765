"""Import ratings and capacities; what is in force is the newest row of each."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from backend.allocation.decision.rules import group_of
from backend.allocation.rating import queries
from backend.allocation.rating.errors import RowTwice, UnknownExecutor
from backend.allocation.rating.model import (
    ImportCapacities,
    Imported,
    ImportKind,
    ImportRatings,
    RatingView,
)
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Tx
from backend.kernel.ids import uuid7
from backend.registry.account import service as accounts


async def import_ratings(db: Db, clock: Clock, actor: Actor, command: ImportRatings) -> Imported:
    """Take scores. A decision computed before keeps the scores it was computed with.

    Raises RowTwice, UnknownExecutor; then nothing is imported.
    """
    rows = command.rows
    _require_once([(row.bin, row.service_type) for row in rows])
    async with db.transaction() as tx:
        executors = await _executors(tx, [row.bin for row in rows])
        imported = await _add(tx, clock, actor, ImportKind.RATING, command)
        await queries.ADD_RATINGS.run(
            tx,
            imported.import_id,
            executors,
            [row.service_type for row in rows],
            [0 if row.no_history else row.score_milli for row in rows],
            [row.accreditation_rank for row in rows],
            [row.no_history for row in rows],
        )
    return imported


async def import_capacities(
    db: Db, clock: Clock, actor: Actor, command: ImportCapacities
) -> Imported:
    """Take capacities and facts; a row with neither says that nothing is known and is not kept.

    Raises RowTwice, UnknownExecutor; then nothing is imported.
    """
    rows = command.rows
    _require_once([(row.bin, row.service_type, row.region, row.unit.value) for row in rows])
    async with db.transaction() as tx:
        executors = await _executors(tx, [row.bin for row in rows])
        imported = await _add(tx, clock, actor, ImportKind.CAPACITY, command)
        await queries.ADD_CAPACITIES.run(
            tx,
            imported.import_id,
            executors,
            [row.service_type for row in rows],
            [row.region for row in rows],
            [row.unit for row in rows],
            [row.capacity for row in rows],
            [row.fact for row in rows],
        )
    return imported


def _require_once(keys: Sequence[tuple[str, ...]]) -> None:
    seen: set[tuple[str, ...]] = set()
    for i, key in enumerate(keys):
        if key in seen:
            raise RowTwice(path=f"rows[{i}]")
        seen.add(key)


async def _executors(tx: Tx, bins: Sequence[str]) -> list[UUID]:
    ids = await accounts.executor_ids(tx, sorted(set(bins)))
    for i, bin_ in enumerate(bins):
        if bin_ not in ids:
            raise UnknownExecutor(path=f"rows[{i}].bin")
    return [ids[bin_] for bin_ in bins]


async def _add(
    tx: Tx, clock: Clock, actor: Actor, kind: ImportKind, command: ImportRatings | ImportCapacities
) -> Imported:
    digest = hashlib.sha256(msgspec.json.encode(command.rows, order="sorted"))
    imported = Imported(uuid7(), kind, len(command.rows), digest.hexdigest(), clock.now())
    await queries.ADD_IMPORT.run(
        tx,
        imported.import_id,
        kind,
        command.source_system,
        command.period,
        command.reference,
        digest.digest(),
        imported.rows,
        imported.imported_at,
        actor.label,
    )
    return imported


async def in_force(db: Db, after: tuple[UUID, str] | None, limit: int) -> list[RatingView]:
    """The ratings in force by executor and kind of service, `limit` + 1 of them."""
    executor_id, service_type = after or (None, None)
    rows = await queries.IN_FORCE.all(db, executor_id, service_type, limit + 1)
    return [RatingView(row, group_of(row.score_milli)) for row in rows]
