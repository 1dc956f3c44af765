import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.clock import (
    FixedClock,
    SystemClock,
    TzdataTooOld,
    end_of_legal_day,
    legal_date,
    legal_midnight,
    require_tzdata,
    to_legal,
)

DAY_CASES = [
    ("2026-03-06T00:00:00+05:00", "2026-03-06"),
    ("2026-03-05T18:59:59.999999+00:00", "2026-03-05"),
    ("2026-03-05T19:00:00+00:00", "2026-03-06"),
    ("2026-03-05T20:30:00+00:00", "2026-03-06"),  # signed at 01:30 in Kazakhstan
    ("2026-12-31T18:59:59.999+00:00", "2026-12-31"),
    ("2026-12-31T19:00:00+00:00", "2027-01-01"),
    ("2026-04-17T23:59:59.999+05:00", "2026-04-17"),
    ("2026-04-18T00:00:00+05:00", "2026-04-18"),
    ("2026-04-18T00:30:00+06:00", "2026-04-17"),  # a phone that still thinks +06:00
    ("2024-02-28T18:30:00+00:00", "2024-02-28"),
    ("2024-02-29T18:59:59.999+00:00", "2024-02-29"),
    ("2024-02-29T19:00:00+00:00", "2024-03-01"),
    ("2024-03-01T18:59:59.999+00:00", "2024-03-01"),
    ("2024-03-01T19:00:00+00:00", "2024-03-02"),
]


@pytest.mark.parametrize(("instant", "day"), DAY_CASES)
def test_an_instant_falls_on_the_day_of_kazakhstan(instant: str, day: str) -> None:
    assert legal_date(datetime.fromisoformat(instant)) == date.fromisoformat(day)


@given(st.dates(date(2020, 1, 1), date(2100, 12, 31)))
def test_a_legal_day_begins_and_ends_inside_itself(day: date) -> None:
    first, last = legal_midnight(day), end_of_legal_day(day)
    assert first.utcoffset() == last.utcoffset() == timedelta(0)
    assert legal_date(first) == legal_date(last) == day
    tick = timedelta(microseconds=1)
    assert legal_date(first - tick) == day - timedelta(days=1)
    assert legal_date(last + tick) == day + timedelta(days=1)


@given(st.datetimes(datetime(2024, 3, 1, 12), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_fixed_offset_agrees_with_the_zone_since_the_change(instant: datetime) -> None:
    assert to_legal(instant).replace(tzinfo=None) == instant.astimezone(
        ZoneInfo("Asia/Almaty")
    ).replace(tzinfo=None)


def test_an_instant_without_an_offset_names_no_day() -> None:
    with pytest.raises(ValueError, match="offset"):
        legal_date(datetime(2026, 4, 17, 12))  # noqa: DTZ001
    with pytest.raises(ValueError, match="offset"):
        FixedClock(datetime(2026, 4, 17, 12))  # noqa: DTZ001


def test_the_system_clock_speaks_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_a_fixed_clock_moves_only_when_told() -> None:
    clock = FixedClock(datetime.fromisoformat("2026-04-17T01:30:00+05:00"))
    assert clock.now() == clock.now() == datetime(2026, 4, 16, 20, 30, tzinfo=UTC)
    clock.advance(timedelta(hours=4))
    assert legal_date(clock.now()) == date(2026, 4, 17)
    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC)


def test_this_machine_knows_the_change_of_2024() -> None:
    require_tzdata()


@pytest.mark.parametrize("zone", [timezone(timedelta(hours=6)), timezone(timedelta(hours=5)), UTC])
def test_a_zone_that_never_changed_is_refused(zone: timezone) -> None:
    with pytest.raises(TzdataTooOld):
        require_tzdata(zone)


def test_a_process_on_an_old_database_refuses_to_start(tmp_path: Path) -> None:
    header = b"TZif2" + bytes(15) + bytes(8 * 2) + (1).to_bytes(4, "big") + (4).to_bytes(4, "big")
    body = (6 * 3600).to_bytes(4, "big") + bytes(2) + b"+06\0"
    (tmp_path / "Asia").mkdir()
    (tmp_path / "Asia" / "Almaty").write_bytes((header + body) * 2 + b"\n<+06>-6\n")
    outcome = subprocess.run(
        [sys.executable, "-c", "from backend.kernel.clock import *; require_tzdata()"],
        env={**os.environ, "PYTHONTZPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert outcome.returncode != 0
    assert "TzdataTooOld" in outcome.stderr
