from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.calendar import (
    ANNOUNCED,
    FIRST_DAY,
    LAST_DAY,
    CalendarDay,
    DateOutOfRange,
    DayKind,
    LegalCalendar,
)

CALENDAR = LegalCalendar()
DAY = timedelta(days=1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + n * DAY for n in range((date(year + 1, 1, 1) - first).days)]


def working_by_month(year: int) -> list[int]:
    found = [0] * 12
    for d in days_of(year):
        found[d.month - 1] += CALENDAR.is_working_day(d)
    return found


# The weekdays that are off and the weekend days that work: all there is to know of a year.
# 2020-2025 by the decrees on transfers, 2026-2027 by domain 4.1.
EXCEPTIONS = {
    2020: (
        "01-01 01-02 01-03 01-07 03-09 03-23 03-24 03-25 05-01 05-07 05-08 07-06 07-31 08-31"
        " 12-01 12-16 12-17 12-18",
        "01-05 12-20",
    ),
    2021: (
        "01-01 01-04 01-07 03-08 03-22 03-23 03-24 05-03 05-07 05-10 07-05 07-06 07-20 08-30"
        " 12-01 12-16 12-17",
        "07-03",
    ),
    2022: (
        "01-03 01-04 01-07 03-07 03-08 03-21 03-22 03-23 05-02 05-09 05-10 07-06 08-29 08-30"
        " 10-24 10-25 12-16",
        "03-05 08-27 10-22",
    ),
    2023: (
        "01-02 01-03 03-08 03-21 03-22 03-23 05-01 05-08 05-09 06-28 07-06 07-07 08-30 10-25 12-18",
        "07-01",
    ),
    2024: (
        "01-01 01-02 03-08 03-21 03-22 03-25 05-01 05-07 05-08 05-09 07-08 08-30 10-25 12-16",
        "05-04",
    ),
    2025: (
        "01-01 01-02 01-03 01-07 03-10 03-21 03-24 03-25 05-01 05-07 05-09 06-06 07-07 09-01"
        " 10-27 12-16",
        "01-05",
    ),
    2026: (
        "01-01 01-02 01-07 03-09 03-23 03-24 03-25 05-01 05-07 05-11 05-27 07-06 10-26 12-16",
        "",
    ),
    2027: (
        "01-01 01-04 01-07 03-08 03-15 03-22 03-23 03-24 05-03 05-07 05-10 07-06 10-25 12-16",
        "",
    ),
    2028: (
        "01-03 01-04 01-07 03-08 03-15 03-21 03-22 03-23 05-01 05-08 05-09 07-06 10-25 12-18",
        "",
    ),
    2029: (
        "01-01 01-02 03-08 03-15 03-21 03-22 03-23 05-01 05-07 05-09 07-06 10-25 12-17",
        "",
    ),
    2030: (
        "01-01 01-02 01-07 03-08 03-15 03-21 03-22 03-25 05-01 05-07 05-09 07-08 10-25 12-16",
        "",
    ),
}


@pytest.mark.parametrize("year", EXCEPTIONS)
def test_every_day_of_a_year(year: int) -> None:
    off = [d for d in days_of(year) if d.weekday() < 5 and not CALENDAR.is_working_day(d)]
    working = [d for d in days_of(year) if d.weekday() >= 5 and CALENDAR.is_working_day(d)]
    wanted = tuple(f"{year}-{t}" for t in EXCEPTIONS[year][0].split())
    assert tuple(d.isoformat() for d in off) == wanted
    assert [d.isoformat() for d in working] == [f"{year}-{t}" for t in EXCEPTIONS[year][1].split()]


def test_2026_has_247_working_days() -> None:
    months = working_by_month(2026)
    assert months == [19, 20, 18, 22, 17, 22, 22, 21, 22, 21, 21, 22]
    assert sum(months) == 247


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("2026-05-27", False),  # Kurban Ait, announced
        ("2026-08-30", False),  # a Sunday, and nothing carried over:
        ("2026-08-31", True),
        ("2026-03-15", False),  # a Sunday; the new Constitution Day counts from 2027:
        ("2026-03-16", True),
        ("2027-03-15", False),
        ("2027-08-30", True),
        ("2023-01-09", True),  # Orthodox Christmas on a Saturday is not carried over
        ("2024-06-17", True),  # nor Kurban Ait on a Sunday
        ("2020-05-11", True),  # swapped with the 8th
        ("2024-02-29", True),
        ("2024-03-01", True),
    ],
)
def test_days_easily_got_wrong(text: str, works: bool) -> None:
    assert CALENDAR.is_working_day(day(text)) is works


@pytest.mark.parametrize("text", ["2028-05-05", "2029-04-24", "2031-04-02", "2034-02-28"])
def test_an_estimated_day_works_until_a_row_says_otherwise(text: str) -> None:
    estimated = day(text)
    assert CALENDAR.is_working_day(estimated)
    announced = LegalCalendar([CalendarDay(estimated, DayKind.DAY_OFF, "announcement")])
    assert not announced.is_working_day(estimated)


def test_a_row_beats_generator_and_announcement() -> None:
    rows = [
        CalendarDay(day("2026-07-06"), DayKind.WORKING, "decree 1"),
        CalendarDay(day("2026-07-11"), DayKind.WORKING, "decree 1"),
        CalendarDay(day("2026-05-27"), DayKind.WORKING, "decree 2"),
        CalendarDay(day("2026-08-31"), DayKind.DAY_OFF, "decree 3"),
    ]
    calendar = LegalCalendar(rows)
    assert [calendar.is_working_day(r.day) for r in rows] == [True, True, True, False]
    assert calendar.next_working_day(day("2026-07-10")) == day("2026-07-11")
    assert [CALENDAR.is_working_day(r.day) for r in rows] == [False, False, False, True]


def test_two_rows_for_one_day_are_refused() -> None:
    row = CalendarDay(day("2026-07-06"), DayKind.WORKING, "a")
    with pytest.raises(ValueError, match="two overrides"):
        LegalCalendar([row, CalendarDay(row.day, DayKind.DAY_OFF, "b")])


def test_a_calendar_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CALENDAR.more = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        CALENDAR._kinds[day("2026-07-06")] = DayKind.WORKING  # type: ignore[index]


def test_every_announced_day_names_its_source() -> None:
    assert all(row.source for row in ANNOUNCED)
    assert len({row.day for row in ANNOUNCED}) == len(ANNOUNCED)


@pytest.mark.parametrize("outside", [date.min, FIRST_DAY - DAY, LAST_DAY + DAY, date.max])
def test_outside_its_range_the_calendar_says_nothing(outside: date) -> None:
    for ask in (CALENDAR.is_working_day, CALENDAR.next_working_day, CALENDAR.previous_working_day):
        with pytest.raises(DateOutOfRange):
            ask(outside)
    with pytest.raises(DateOutOfRange):
        CALENDAR.working_days_between(FIRST_DAY, outside)


def test_a_walk_ends_at_the_edge() -> None:
    with pytest.raises(DateOutOfRange):
        CALENDAR.next_working_day(LAST_DAY)
    with pytest.raises(DateOutOfRange):
        CALENDAR.previous_working_day(FIRST_DAY)
    decade = [date(2091, 1, 1) + n * DAY for n in range((LAST_DAY - date(2091, 1, 1)).days + 1)]
    never = LegalCalendar(CalendarDay(d, DayKind.DAY_OFF, "test") for d in decade)
    with pytest.raises(DateOutOfRange):
        never.next_working_day(date(2091, 1, 1))


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-03-17", "2026-03-26", 3),  # C20
        ("2026-04-10", "2026-04-20", 5),  # C18
        ("2026-04-10", "2026-04-11", 0),
        ("2026-04-10", "2026-04-10", 0),
        ("2026-04-20", "2026-04-10", 0),
        ("2025-12-31", "2027-01-01", 247),
    ],
)
def test_working_days_strictly_between(start: str, end: str, count: int) -> None:
    assert CALENDAR.working_days_between(day(start), day(end)) == count


ANY_DAY = st.dates(date(2020, 2, 1), date(2035, 12, 1))


@given(ANY_DAY)
def test_next_and_previous_are_neighbours(start: date) -> None:
    after, before = CALENDAR.next_working_day(start), CALENDAR.previous_working_day(start)
    assert before < start < after
    assert CALENDAR.working_days_between(before, after) == CALENDAR.is_working_day(start)
    assert (after - start).days <= 9
    assert CALENDAR.working_day_from(start) in (start, after)


@given(ANY_DAY, st.integers(0, 60), st.integers(0, 60))
def test_counting_adds_up(start: date, first: int, second: int) -> None:
    middle, end = start + first * DAY, start + (first + second) * DAY
    inside = CALENDAR.is_working_day(middle) if first and second else 0
    whole = CALENDAR.working_days_between(start, end)
    parts = [
        CALENDAR.working_days_between(start, middle),
        CALENDAR.working_days_between(middle, end),
    ]
    assert whole == sum(parts) + inside
