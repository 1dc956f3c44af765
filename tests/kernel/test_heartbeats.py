"""A sweep that does not come to its end for five minutes is an alarm, whether it is dead or fails."""

from datetime import UTC, datetime, timedelta

from backend.kernel import heartbeats
from backend.kernel.db import Db

NOW = datetime(2026, 4, 6, 4, tzinfo=UTC)


async def test_who_is_silent(db_registry: Db) -> None:
    await heartbeats.beat(db_registry, ["well", "dying"], ["broken"], at=NOW)
    later = NOW + timedelta(minutes=5)
    await heartbeats.beat(db_registry, ["well"], ["broken", "dying"], at=later)
    names = ["well", "dying", "broken", "never"]
    for at, silent in (
        (later, {"broken", "never"}),
        (later + timedelta(seconds=1), {"broken", "never", "dying"}),
        (later + timedelta(minutes=5, seconds=1), set(names)),
    ):
        found = await heartbeats.of(db_registry, names, at=at)
        assert {b.name for b in found if b.silent} == silent
    told = {b.name: (b.beat_at, b.failed_at, b.failures) for b in found}
    assert told == {
        "well": (later, None, 0),
        "dying": (NOW, later, 1),
        "broken": (None, later, 2),
        "never": (None, None, 0),
    }


async def test_a_clock_that_jumps_back_keeps_the_last_beat(db_registry: Db) -> None:
    await heartbeats.beat(db_registry, ["well"], [], at=NOW)
    await heartbeats.beat(db_registry, ["well"], [], at=NOW - timedelta(hours=1))
    [beat] = await heartbeats.of(db_registry, ["well"], at=NOW)
    assert (beat.beat_at, beat.silent) == (NOW, False)
