"""Legal terms: started once, kept or breached, whatever the clock does."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from backend.kernel import deadlines
from backend.kernel.db import Db
from backend.kernel.deadlines import TermSummary
from backend.kernel.ids import uuid7

START = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
DUE = START + timedelta(days=5)


async def test_a_term_is_started_once_and_kept(db_registry: Db) -> None:
    subject = uuid7()
    async with db_registry.transaction() as tx:
        await deadlines.start(tx, "d2", subject, "issuer", started_at=START, due_at=DUE)
        later = DUE + timedelta(days=9)
        await deadlines.start(tx, "d2", subject, "other", started_at=START, due_at=later)
        assert await deadlines.fulfil(tx, "d2", [subject], at=DUE) == 1
        assert await deadlines.fulfil(tx, "d2", [subject], at=DUE + timedelta(days=1)) == 0
    assert await deadlines.breached(db_registry, at=DUE + timedelta(days=99)) == []
    assert await deadlines.summary(db_registry, at=DUE) == [TermSummary("d2", 1, 0, 0)]


async def test_the_last_instant_counts_and_the_next_does_not(db_registry: Db) -> None:
    on_time, late, undone = uuid7(), uuid7(), uuid7()
    tick = timedelta(microseconds=1)
    async with db_registry.transaction() as tx:
        await deadlines.start_many(
            tx, "d10", [on_time, late, undone], "issuer", started_at=START, due_at=DUE
        )
        assert await deadlines.fulfil(tx, "d10", [on_time], at=DUE) == 1
        assert await deadlines.fulfil(tx, "d10", [late], at=DUE + tick) == 1
    assert [t.subject for t in await deadlines.breached(db_registry, at=DUE)] == [late]
    assert {t.subject for t in await deadlines.breached(db_registry, at=DUE + tick)} == {
        late,
        undone,
    }
    assert await deadlines.summary(db_registry, at=DUE) == [TermSummary("d10", 1, 1, 1)]
    assert await deadlines.summary(db_registry, at=DUE + tick) == [TermSummary("d10", 1, 2, 0)]


async def test_codes_are_summed_in_their_order(db_registry: Db) -> None:
    async with db_registry.transaction() as tx:
        for code in ("d10", "d2", "d1"):
            await deadlines.start(tx, code, uuid7(), "x", started_at=START, due_at=DUE)
    assert [s.code for s in await deadlines.summary(db_registry, at=START)] == ["d1", "d2", "d10"]


async def test_a_clock_that_jumped_back_does_not_undo_the_deed(db_registry: Db) -> None:
    subject = uuid7()
    async with db_registry.transaction() as tx:
        await deadlines.start(tx, "d3", subject, "issuer", started_at=START, due_at=DUE)
        assert await deadlines.fulfil(tx, "d3", [subject], at=START - timedelta(hours=1)) == 1
    assert await deadlines.summary(db_registry, at=DUE) == [TermSummary("d3", 1, 0, 0)]


async def test_a_term_that_ends_before_it_begins_is_a_defect(db_registry: Db) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        async with db_registry.transaction() as tx:
            await deadlines.start(tx, "d1", uuid7(), "x", started_at=START, due_at=START)
