"""What follows by law: the dated example of domain 3.20, notices, and days decreed afterwards."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.calendar import CalendarDay, DateOutOfRange, DayKind, LegalCalendar
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.terms import LEGAL_TERMS
from backend.registry.legal_term.model import LegalEvent, Running
from backend.registry.legal_term.rules import (
    LEADS_TO,
    SETS_OFF,
    counted_anew,
    due_soon_until,
    what_if,
)

CALENDAR = LegalCalendar()


def ends(event: LegalEvent, on: date, calendar: LegalCalendar = CALENDAR) -> dict[str, date]:
    return {step.code: step.on for step in what_if(calendar, event, on)}


def test_the_dated_example_of_the_law() -> None:
    assert ends(LegalEvent.PLAN_APPROVED, date(2026, 4, 6))["d1"] == date(2026, 4, 13)
    assert ends(LegalEvent.ANNOUNCED, date(2026, 4, 10)) == {
        "d2": date(2026, 4, 17),
        "d3": date(2026, 4, 20),
        "d4": date(2026, 4, 21),
        "d5": date(2026, 4, 22),
    }
    assert ends(LegalEvent.APPLICATION_SUBMITTED, date(2026, 4, 15)) == {"d3": date(2026, 4, 16)}
    assert ends(LegalEvent.MONEY_RECEIVED, date(2026, 6, 1)) == {"d6": date(2026, 7, 1)}
    assert ends(LegalEvent.CAUSE_DETECTED, date(2026, 6, 10)) == {"d7": date(2026, 10, 12)}
    assert ends(LegalEvent.COMPLAINT_REGISTERED, date(2026, 6, 1)) == {
        "d14": date(2026, 6, 4),
        "d12": date(2026, 6, 8),
        "d13": date(2026, 6, 22),
    }


def test_a_notice_lies_before_its_event() -> None:
    assert ends(LegalEvent.MONITORING_PLANNED, date(2026, 4, 20)) == {"d8": date(2026, 4, 10)}
    assert ends(LegalEvent.BREAK_PLANNED, date(2026, 3, 26)) == {"d9": date(2026, 3, 17)}


def test_a_holiday_inside_moves_everything_after_it() -> None:
    swapped = LegalCalendar([CalendarDay(date(2026, 4, 14), DayKind.DAY_OFF, "a decree")])
    assert ends(LegalEvent.ANNOUNCED, date(2026, 4, 10), swapped) == {
        "d2": date(2026, 4, 20),
        "d3": date(2026, 4, 21),
        "d4": date(2026, 4, 22),
        "d5": date(2026, 4, 23),
    }


def test_every_row_counted_in_days_follows_from_some_event() -> None:
    named = {code for codes in SETS_OFF.values() for code in codes}
    assert named == {code for code, row in LEGAL_TERMS.items() if row.term is not None}
    assert set(LEADS_TO) <= named


@given(
    st.sampled_from([e for e in LegalEvent if e in SETS_OFF]),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
)
def test_steps_follow_in_order_on_working_days(event: LegalEvent, on: date) -> None:
    steps = what_if(CALENDAR, event, on)
    assert [s.on for s in steps] == sorted(s.on for s in steps)
    for step in steps:
        assert CALENDAR.is_working_day(step.on)
        assert (step.on < step.since_on) is LEGAL_TERMS[step.code].before


def test_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(DateOutOfRange):
        what_if(CALENDAR, LegalEvent.CAUSE_DETECTED, date(2100, 12, 1))


def test_due_soon_reaches_over_the_weekend() -> None:
    friday = datetime(2026, 4, 17, 6, 0, tzinfo=UTC)
    assert due_soon_until(CALENDAR, friday) == end_of_legal_day(date(2026, 4, 20))


@given(st.dates(date(2026, 4, 1), date(2026, 4, 30)), st.integers(0, 30))
def test_nobody_is_late_in_hindsight(started: date, days: int) -> None:
    """Whatever is decreed later, a term ends no earlier than the day of the decree."""
    now = datetime(2026, 4, 1, 9, 0, tzinfo=UTC) + timedelta(days=days)
    working = [CalendarDay(date(2026, 4, n), DayKind.WORKING, "all work") for n in range(1, 31)]
    due_at = counted_anew(LegalCalendar(working), Running("d2", started), now)
    assert due_at is not None
    assert legal_date(due_at) >= legal_date(now)


@pytest.mark.parametrize("code", ["d8", "d9", "d11", "d15", "d99"])
def test_notices_and_terms_not_in_days_stay(code: str) -> None:
    assert counted_anew(CALENDAR, Running(code, date(2026, 4, 1)), datetime.now(UTC)) is None
