import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.calendar import CalendarDay, DateOutOfRange, DayKind, LegalCalendar
from backend.kernel.clock import LEGAL_ZONE, legal_date
from backend.kernel.terms import (
    LEGAL_TERMS,
    AfterHours,
    Term,
    TermInvalid,
    TermUnit,
    accept_request,
    add_term,
    deadline,
    last_day,
    last_notice_day,
    notice_is_in_time,
)

CALENDAR = LegalCalendar()
VECTORS = Path(os.environ.get("SAQTAU_VECTORS", Path(__file__).parents[3] / "shared" / "vectors"))


def day(text: str) -> date:
    return date.fromisoformat(text)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def end_of(start: str, term: str) -> str:
    return add_term(CALENDAR, day(start), Term.parse(term)).isoformat()


TERMS = [
    # domain 4.2, C1-C17
    ("2026-03-06", "5wd", "2026-03-16"),
    ("2026-03-17", "5wd", "2026-03-27"),
    ("2026-03-20", "1wd", "2026-03-26"),
    ("2026-04-30", "1wd", "2026-05-04"),
    ("2026-04-30", "5wd", "2026-05-12"),
    ("2026-05-06", "2wd", "2026-05-12"),
    ("2026-05-26", "1wd", "2026-05-28"),
    ("2026-08-28", "1wd", "2026-08-31"),
    ("2026-10-23", "1wd", "2026-10-27"),
    ("2026-12-15", "3wd", "2026-12-21"),
    ("2026-12-31", "1wd", "2027-01-05"),
    ("2026-11-20", "15wd", "2026-12-11"),
    ("2026-11-20", "30cd", "2026-12-21"),
    ("2026-03-31", "4mo", "2026-07-31"),
    ("2026-10-31", "4mo", "2027-03-01"),
    ("2026-04-30", "4mo", "2026-08-31"),
    ("2026-03-07", "1wd", "2026-03-10"),
    # the change of time zone does not move a day
    ("2024-02-28", "1wd", "2024-02-29"),
    ("2024-02-29", "1wd", "2024-03-01"),
    ("2024-02-29", "2wd", "2024-03-04"),
    ("2024-03-01", "1wd", "2024-03-04"),
    ("2024-02-29", "1cd", "2024-03-01"),
    ("2024-02-29", "12mo", "2025-02-28"),
    ("2023-02-28", "12mo", "2024-02-28"),
    ("2024-01-31", "1mo", "2024-02-29"),
    # transferred days
    ("2024-05-03", "1wd", "2024-05-04"),  # a Saturday that worked
    ("2024-05-03", "3wd", "2024-05-10"),  # 4, 6, then 8 May off for it
    ("2024-05-06", "1wd", "2024-05-10"),
    ("2024-12-31", "1wd", "2025-01-05"),  # a Sunday that worked for Friday the 3rd
    ("2025-01-05", "1wd", "2025-01-06"),
    ("2025-01-06", "1wd", "2025-01-08"),
    ("2025-03-07", "1wd", "2025-03-11"),
    ("2025-03-20", "1wd", "2025-03-26"),
    ("2025-06-05", "1wd", "2025-06-09"),  # Kurban Ait on a Friday
    ("2025-08-29", "1wd", "2025-09-02"),  # the old Constitution Day, still a holiday then
    ("2025-10-24", "1wd", "2025-10-28"),
    ("2022-03-04", "1wd", "2022-03-05"),
    ("2022-03-04", "2wd", "2022-03-09"),
    ("2020-05-07", "1wd", "2020-05-11"),
    # the new Constitution Day
    ("2027-03-12", "1wd", "2027-03-16"),
    ("2026-03-13", "1wd", "2026-03-16"),
    ("2027-08-27", "1wd", "2027-08-30"),
    # a calendar term that ends on a working day stays there
    ("2026-04-01", "14cd", "2026-04-15"),
    ("2026-05-26", "1cd", "2026-05-28"),
    ("2026-12-31", "1mo", "2027-02-01"),
]


@pytest.mark.parametrize(("start", "term", "end"), TERMS)
def test_a_term_ends_on(start: str, term: str, end: str) -> None:
    assert end_of(start, term) == end


NOTICES = [
    ("2026-04-20", 5, "2026-04-10"),  # C18
    ("2026-04-16", 3, "2026-04-10"),  # C19
    ("2026-03-26", 3, "2026-03-17"),  # C20
    ("2026-04-18", 3, "2026-04-14"),  # an event on a Saturday: 15, 16, 17 lie between
    ("2026-04-19", 3, "2026-04-14"),
    ("2027-01-06", 2, "2026-12-30"),
]


@pytest.mark.parametrize(("event", "ahead", "last"), NOTICES)
def test_the_last_day_of_a_notice(event: str, ahead: int, last: str) -> None:
    assert last_notice_day(CALENDAR, day(event), ahead) == day(last)
    assert notice_is_in_time(CALENDAR, day(last), day(event), ahead)
    assert not notice_is_in_time(CALENDAR, day(last) + timedelta(days=1), day(event), ahead)


REQUESTS = [
    # domain 4.4, H1-H7
    ("2026-04-15T10:00:00", "2026-04-15T10:00:00", "2026-04-15T10:15:00"),
    ("2026-04-15T13:20:00", "2026-04-15T13:20:00", "2026-04-15T13:35:00"),
    ("2026-04-15T17:59:59", "2026-04-15T17:59:59", "2026-04-15T18:14:59"),
    ("2026-04-15T18:00:00", "2026-04-16T08:30:00", "2026-04-16T08:45:00"),
    ("2026-03-20T19:00:00", "2026-03-26T08:30:00", "2026-03-26T08:45:00"),
    ("2026-04-15T07:00:00", "2026-04-15T08:30:00", "2026-04-15T08:45:00"),
    ("2026-08-30T12:00:00", "2026-08-31T08:30:00", "2026-08-31T08:45:00"),
    # the edges
    ("2026-04-15T08:29:59.999", "2026-04-15T08:30:00", "2026-04-15T08:45:00"),
    ("2026-04-15T08:30:00", "2026-04-15T08:30:00", "2026-04-15T08:45:00"),
    ("2026-04-15T17:59:59.999", "2026-04-15T17:59:59.999", "2026-04-15T18:14:59.999"),
    ("2026-04-15T23:59:59.999", "2026-04-16T08:30:00", "2026-04-16T08:45:00"),
    ("2026-04-16T00:00:00", "2026-04-16T08:30:00", "2026-04-16T08:45:00"),
    ("2026-12-31T23:59:59.999", "2027-01-05T08:30:00", "2027-01-05T08:45:00"),
    ("2026-05-27T10:00:00", "2026-05-28T08:30:00", "2026-05-28T08:45:00"),
    ("2024-02-29T23:59:59.999", "2024-03-01T08:30:00", "2024-03-01T08:45:00"),
    ("2024-05-04T10:00:00", "2024-05-04T10:00:00", "2024-05-04T10:15:00"),
    # with an offset the instant counts
    ("2026-04-15T13:00:00+00:00", "2026-04-16T08:30:00", "2026-04-16T08:45:00"),
    ("2026-04-15T12:59:59+00:00", "2026-04-15T17:59:59", "2026-04-15T18:14:59"),
    ("2026-04-15T09:20:00+06:00", "2026-04-15T08:30:00", "2026-04-15T08:45:00"),
]


@pytest.mark.parametrize(("asked", "accepted", "due"), REQUESTS)
def test_a_request_is_accepted_and_due(asked: str, accepted: str, due: str) -> None:
    found = accept_request(CALENDAR, local(asked))
    assert found.accepted_at == local(accepted).replace(tzinfo=LEGAL_ZONE)
    assert found.due_at == local(due).replace(tzinfo=LEGAL_ZONE)
    assert found.accepted_at.utcoffset() == found.due_at.utcoffset() == timedelta(hours=5)


def test_immediate_mode_answers_at_night() -> None:
    found = accept_request(CALENDAR, local("2026-08-30T23:50:00"), AfterHours.IMMEDIATE)
    assert found.accepted_at.isoformat() == "2026-08-30T23:50:00+05:00"
    assert found.due_at.isoformat() == "2026-08-31T00:05:00+05:00"


def test_the_shared_vectors() -> None:
    file = VECTORS / "calendar_vectors.json"
    vectors = json.loads(file.read_text()) if file.exists() else {}
    units = {"WD": "wd", "CD": "cd", "M": "mo"}
    for start, term, end in vectors.get("terms", []):
        number = term.rstrip("WDCM")
        assert end_of(start, number + units[term.removeprefix(number)]) == end
    for asked, accepted, due in vectors.get("service", []):
        found = accept_request(CALENDAR, local(asked))
        assert found.accepted_at.isoformat() == accepted + vectors["tz"]
        assert found.due_at.isoformat() == due + vectors["tz"]
    for event, ahead, last in vectors.get("notice", []):
        assert last_notice_day(CALENDAR, day(event), ahead) == day(last)
    off = vectors.get("non_working_weekdays_2026", [])
    assert not any(CALENDAR.is_working_day(day(text)) for text in off)


# --- domain 3.20, the dated example ---

EXAMPLE = [
    ("d1", "2026-04-06", "2026-04-13"),
    ("d2", "2026-04-10", "2026-04-17"),
    ("d3", "2026-04-15", "2026-04-16"),
    ("d3", "2026-04-17", "2026-04-20"),
    ("d4", "2026-04-17", "2026-04-21"),
    ("d5", "2026-04-21", "2026-04-22"),
    ("d6", "2026-06-01", "2026-07-01"),
    ("d7", "2026-06-10", "2026-10-12"),
    ("d12", "2026-06-01", "2026-06-08"),
    ("d14", "2026-06-01", "2026-06-04"),
    ("d13", "2026-06-01", "2026-06-22"),
    ("d8", "2026-04-20", "2026-04-10"),
    ("d9", "2026-04-16", "2026-04-10"),
]


@pytest.mark.parametrize(("code", "event", "last"), EXAMPLE)
def test_the_dated_example(code: str, event: str, last: str) -> None:
    assert last_day(CALENDAR, code, day(event)) == day(last)
    until = deadline(CALENDAR, code, day(event))
    assert legal_date(until) == day(last)
    assert legal_date(until + timedelta(microseconds=1)) == day(last) + timedelta(days=1)


def test_a_window_closes_at_midnight_of_kazakhstan() -> None:
    closes = deadline(CALENDAR, "d2", day("2026-04-10"))
    assert closes == datetime(2026, 4, 17, 18, 59, 59, 999_999, tzinfo=UTC)


def test_the_master_table_is_whole() -> None:
    assert list(LEGAL_TERMS) == [f"d{n}" for n in range(1, 18)]
    terms = {code: str(row.term) for code, row in LEGAL_TERMS.items() if row.term}
    assert terms == {
        "d1": "5wd",
        "d2": "5wd",
        "d3": "1wd",
        "d4": "2wd",
        "d5": "1wd",
        "d6": "30cd",
        "d7": "4mo",
        "d8": "5wd",
        "d9": "3wd",
        "d10": "1wd",
        "d12": "5wd",
        "d13": "15wd",
        "d14": "3wd",
        "d16": "10wd",
        "d17": "7wd",
    }
    assert {code for code, row in LEGAL_TERMS.items() if row.before} == {"d8", "d9"}
    assert LEGAL_TERMS["d11"].minutes == 15
    assert all(row.source and row.since and row.to_do for row in LEGAL_TERMS.values())


@pytest.mark.parametrize("code", ["d11", "d15"])
def test_a_row_without_days_has_no_last_day(code: str) -> None:
    with pytest.raises(ValueError, match="not counted in days"):
        last_day(CALENDAR, code, day("2026-04-06"))


# --- reading a term ---


@pytest.mark.parametrize("text", ["5wd", "5WD", "5wD", "05wd"])
def test_a_term_is_read_in_either_case(text: str) -> None:
    assert Term.parse(text) == Term(5, TermUnit.WORKING_DAYS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "wd",
        "5 wd",
        " 5wd",
        "5wd\n",
        "5m",
        "5d",
        "-5wd",
        "+5wd",
        "5.0wd",
        "1e3wd",
        "0wd",
        "00cd",
        "10001cd",
        "99999999999wd",
        "٥wd",
        "5wd5wd",
    ],
)
def test_what_is_no_term(text: str) -> None:
    with pytest.raises(TermInvalid):
        Term.parse(text)


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_a_term_has_limits(count: int) -> None:
    with pytest.raises(TermInvalid):
        Term(count, TermUnit.MONTHS)
    with pytest.raises(TermInvalid):
        last_notice_day(CALENDAR, day("2026-04-20"), count)


@pytest.mark.parametrize("text", ["10000wd", "10000cd", "10000mo", "121mo"])
def test_a_term_that_leaves_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(DateOutOfRange):
        add_term(CALENDAR, day("2090-12-31"), Term.parse(text))
    with pytest.raises(DateOutOfRange):
        add_term(CALENDAR, date.min, Term.parse(text))
    with pytest.raises(DateOutOfRange):
        add_term(CALENDAR, date.max, Term.parse(text))


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2019-12-31T23:00:00"]
)
def test_a_request_outside_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(DateOutOfRange):
        accept_request(CALENDAR, local(text))


# --- laws ---

ANY_DAY = st.dates(date(2020, 6, 1), date(2035, 12, 31))
ANY_UNIT = st.sampled_from(TermUnit)


@given(ANY_DAY, st.integers(1, 120), ANY_UNIT)
def test_a_term_ends_later_and_on_a_working_day(start: date, count: int, unit: TermUnit) -> None:
    end = add_term(CALENDAR, start, Term(count, unit))
    assert end > start
    assert CALENDAR.is_working_day(end)


@given(ANY_DAY, st.integers(1, 120), st.integers(0, 3), ANY_UNIT)
def test_a_longer_term_or_a_later_start_never_ends_earlier(
    start: date, count: int, more: int, unit: TermUnit
) -> None:
    end = add_term(CALENDAR, start, Term(count, unit))
    assert end <= add_term(CALENDAR, start, Term(count + more, unit))
    assert end <= add_term(CALENDAR, start + timedelta(days=more), Term(count, unit))


@given(ANY_DAY, st.integers(1, 60), st.integers(1, 60))
def test_working_days_add_up(start: date, first: int, second: int) -> None:
    step = add_term(CALENDAR, start, Term(first, TermUnit.WORKING_DAYS))
    two_steps = add_term(CALENDAR, step, Term(second, TermUnit.WORKING_DAYS))
    assert two_steps == add_term(CALENDAR, start, Term(first + second, TermUnit.WORKING_DAYS))
    assert CALENDAR.working_days_between(start, two_steps) == first + second - 1


@given(ANY_DAY, st.integers(1, 60))
def test_a_calendar_term_moves_only_over_days_off(start: date, count: int) -> None:
    nominal = start + timedelta(days=count)
    end = add_term(CALENDAR, start, Term(count, TermUnit.CALENDAR_DAYS))
    skipped = [nominal + timedelta(days=n) for n in range((end - nominal).days)]
    assert not any(CALENDAR.is_working_day(d) for d in skipped)


@given(ANY_DAY, st.integers(1, 40))
def test_a_notice_leaves_exactly_its_days(event: date, ahead: int) -> None:
    last = last_notice_day(CALENDAR, event, ahead)
    assert CALENDAR.is_working_day(last)
    assert CALENDAR.working_days_between(last, event) == ahead
    later = CALENDAR.next_working_day(last)
    assert CALENDAR.working_days_between(later, event) < ahead


@given(st.datetimes(datetime(2020, 6, 1), datetime(2030, 12, 1)))  # noqa: DTZ001
def test_a_request_is_accepted_in_hours_and_never_early(asked: datetime) -> None:
    found = accept_request(CALENDAR, asked)
    assert found.accepted_at.replace(tzinfo=None) >= asked
    assert CALENDAR.is_working_day(found.accepted_at.date())
    assert 8 * 60 + 30 <= found.accepted_at.hour * 60 + found.accepted_at.minute < 18 * 60
    assert found.due_at - found.accepted_at == timedelta(minutes=15)


def test_a_decree_moves_terms_with_it() -> None:
    calendar = LegalCalendar(
        [
            CalendarDay(day("2026-07-07"), DayKind.DAY_OFF, "decree"),
            CalendarDay(day("2026-07-11"), DayKind.WORKING, "decree"),
        ]
    )
    assert add_term(calendar, day("2026-07-03"), Term.parse("4wd")) == day("2026-07-11")
    assert add_term(CALENDAR, day("2026-07-03"), Term.parse("4wd")) == day("2026-07-10")
