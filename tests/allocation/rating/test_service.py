"""Imports of ratings: whole or not at all, the newest in force, the old ones kept."""

from datetime import timedelta

import asyncpg
import pytest

from backend.allocation.rating import service
from backend.allocation.rating.errors import RowTwice, UnknownExecutor
from backend.allocation.rating.model import ImportRatings, RatingRow
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from tests.allocation.conftest import HEAD, Executor, bin_of


def ratings(*rows: RatingRow) -> ImportRatings:
    return ImportRatings("Рейтинг ИЖ", "2025", "хаттама 12", list(rows))


async def test_newest_score_is_in_force_and_nothing_is_overwritten(
    db_allocation: Db, clock: FixedClock, executors: list[Executor], owner: asyncpg.Connection
) -> None:
    bin_ = executors[0].bin
    await service.import_ratings(
        db_allocation, clock, HEAD, ratings(RatingRow(bin_, "cdc", 4549, 1))
    )
    clock.advance(timedelta(days=1))
    await service.import_ratings(db_allocation, clock, HEAD, ratings(RatingRow(bin_, "cdc", 4550)))
    (found,) = await service.in_force(db_allocation, None, 10)
    assert (found.rating.score_milli, found.group) == (4550, "I")
    assert await owner.fetchval("SELECT count(*) FROM allocation.rating") == 2
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("UPDATE allocation.rating SET score_milli = 5000")


async def test_faulty_row_stops_the_whole_import(
    db_allocation: Db, clock: FixedClock, executors: list[Executor]
) -> None:
    good = RatingRow(executors[0].bin, "cdc", 4000)
    for wrong, error, path in (
        (RatingRow(bin_of(77), "cdc", 1), UnknownExecutor, "rows[1].bin"),
        (good, RowTwice, "rows[1]"),
    ):
        with pytest.raises(error) as refused:
            await service.import_ratings(db_allocation, clock, HEAD, ratings(good, wrong))
        assert refused.value.path == path
    assert await service.in_force(db_allocation, None, 10) == []
