"""Import definitions, values, factors, ratings and capacities; what is in force is the newest row of each.

Every import keeps where it came from: the system, the period, the paper, the hash of its rows.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import msgspec

from backend.allocation.rating import queries, rules
from backend.allocation.rating.errors import RatingRowsInvalid, RowTwice, UnknownExecutor
from backend.allocation.rating.model import (
    Import,
    ImportCapacities,
    ImportCoefficients,
    Imported,
    ImportFactors,
    ImportKind,
    ImportRatings,
    ImportValues,
    ImportValueTable,
    IndicatorDraft,
    SetIndicators,
    ValueRow,
)
from backend.allocation.rating.record import Indicator
from backend.allocation.rating.table import read_table
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Tx
from backend.kernel.ids import uuid7
from backend.kernel.tables import RowError
from backend.registry.account import service as accounts

T = TypeVar("T")


async def set_indicators(db: Db, clock: Clock, actor: Actor, command: SetIndicators) -> int:
    """Add definitions; how many. One of the same indicator that has no end ends the day before.

    Raises RatingRowsInvalid: also for a definition that would begin before an earlier one has ended.
    Then nothing is set.
    """
    rows = command.rows
    faults = rules.check_definitions(rows)
    if faults:
        raise RatingRowsInvalid(faults)
    services, codes = [r.service_type for r in rows], [r.code for r in rows]
    async with db.transaction() as tx:
        await queries.LOCK_DEFINITIONS.run(tx)
        last: list[date | None] = list(await queries.LAST_DAYS.all(tx, services, codes))
        faults = [
            RowError(number, "valid_from", "RATING_ROW_OVERLAP")
            for number, (row, day) in enumerate(zip(rows, last, strict=True), start=1)
            if day is not None and row.valid_from <= day
        ]
        if faults:
            raise RatingRowsInvalid(faults)
        await queries.END_DEFINITIONS.run(tx, services, codes, [r.valid_from for r in rows])
        await _add_indicators(tx, clock, actor, rows)
    return len(rows)


async def _add_indicators(
    tx: Tx, clock: Clock, actor: Actor, rows: Sequence[IndicatorDraft]
) -> None:
    await queries.ADD_INDICATORS.run(
        tx,
        clock.now(),
        actor.label,
        [uuid7() for _ in rows],
        [r.service_type for r in rows],
        [r.code for r in rows],
        [r.title_kk for r in rows],
        [r.title_ru for r in rows],
        [r.title_en for r in rows],
        [r.definition for r in rows],
        [r.unit for r in rows],
        [r.source_system for r in rows],
        [r.formula_ref for r in rows],
        [r.scale for r in rows],
        [_exact(r.target) for r in rows],
        [_exact(r.max_points) for r in rows],
        [Decimal(r.weight) for r in rows],
        [r.valid_from for r in rows],
        [r.valid_to for r in rows],
    )


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


async def import_value_table(
    db: Db, clock: Clock, actor: Actor, command: ImportValueTable
) -> Imported:
    """Take values from a CSV table. Raises RatingRowsInvalid with every faulty row."""
    rows, faults = read_table(command.csv)
    if faults:
        raise RatingRowsInvalid(faults)
    values = ImportValues(command.source_system, command.period, command.reference, rows)
    return await import_values(db, clock, actor, values)


async def import_values(db: Db, clock: Clock, actor: Actor, command: ImportValues) -> Imported:
    """Take values of indicators. Raises RatingRowsInvalid with every faulty row; then none is kept."""
    rows = command.rows
    async with db.transaction() as tx:
        executors = await accounts.executor_ids(tx, sorted({row.bin for row in rows}))
        indicators = await queries.NEWEST_INDICATORS.all(tx)
        faults = _value_faults(rows, executors, indicators)
        if faults:
            raise RatingRowsInvalid(faults)
        imported = await _add(tx, clock, actor, ImportKind.VALUE, command)
        await queries.ADD_VALUES.run(
            tx,
            imported.import_id,
            command.period,
            [executors[row.bin] for row in rows],
            [row.service_type for row in rows],
            [row.code for row in rows],
            [_exact(row.value) for row in rows],
        )
    return imported


def _value_faults(
    rows: Sequence[ValueRow], executors: dict[str, UUID], indicators: Sequence[Indicator]
) -> list[RowError]:
    known = {(i.service_type, i.code): i for i in indicators}
    seen: set[tuple[str, str, str]] = set()
    faults = []
    for number, row in enumerate(rows, start=1):
        indicator = known.get((row.service_type, row.code))
        key = (row.bin, row.service_type, row.code)
        if row.bin not in executors:
            faults.append(RowError(number, "bin", "UNKNOWN_EXECUTOR"))
        if indicator is None:
            faults.append(RowError(number, "code", "RATING_ROW_INDICATOR"))
        elif row.value is not None and not rules.takes(indicator, Decimal(row.value)):
            faults.append(RowError(number, "value", "RATING_ROW_POINTS"))
        if key in seen:
            faults.append(RowError(number, "", "RATING_ROW_TWICE"))
        seen.add(key)
    return faults


async def import_factors(db: Db, clock: Clock, actor: Actor, command: ImportFactors) -> Imported:
    """Take factors of 48 of the purchase rules (A). Raises RowTwice, UnknownExecutor."""
    rows = command.rows
    _require_once([(row.bin, row.kind.value) for row in rows])
    async with db.transaction() as tx:
        executors = await _executors(tx, [row.bin for row in rows])
        imported = await _add(tx, clock, actor, ImportKind.FACTOR, command)
        await queries.ADD_FACTORS.run(
            tx,
            imported.import_id,
            executors,
            [row.kind for row in rows],
            [row.value for row in rows],
            [row.note for row in rows],
        )
    return imported


async def import_coefficients(
    db: Db, clock: Clock, actor: Actor, command: ImportCoefficients
) -> Imported:
    """Take coefficients of providers to tariffs (D22). Raises RowTwice, UnknownExecutor."""
    rows = command.rows
    _require_once([(row.bin, row.service_type, row.region) for row in rows])
    async with db.transaction() as tx:
        executors = await _executors(tx, [row.bin for row in rows])
        imported = await _add(tx, clock, actor, ImportKind.COEFFICIENT, command)
        await queries.ADD_COEFFICIENTS.run(
            tx,
            imported.import_id,
            executors,
            [row.service_type for row in rows],
            [row.region for row in rows],
            [row.coefficient_milli for row in rows],
        )
    return imported


async def import_ratings(db: Db, clock: Clock, actor: Actor, command: ImportRatings) -> Imported:
    """Take scores computed elsewhere. A decision computed before keeps the scores it was computed with.

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


async def _add(tx: Tx, clock: Clock, actor: Actor, kind: ImportKind, command: Import) -> Imported:
    digest = hashlib.sha256(msgspec.json.encode(command.rows, order="sorted"))
    return await add_import(
        tx,
        clock,
        actor,
        kind,
        (command.source_system, command.period, command.reference),
        (len(command.rows), digest.digest()),
    )


async def add_import(
    tx: Tx,
    clock: Clock,
    actor: Actor,
    kind: ImportKind,
    origin: tuple[str, str, str],
    rows: tuple[int, bytes],
) -> Imported:
    """Keep where rows came from: system, period and paper; how many there are, and their hash."""
    imported = Imported(uuid7(), kind, rows[0], rows[1].hex(), clock.now())
    await queries.ADD_IMPORT.run(
        tx,
        imported.import_id,
        kind,
        *origin,
        rows[1],
        imported.rows,
        imported.imported_at,
        actor.label,
    )
    return imported
