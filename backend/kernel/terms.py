"""Counting legal terms (domain 4.2-4.4) and the master table of them (domain 3.19).

Civil Code 172-176: a term starts the day after the event; a term of months ends on the same
day-number or on the last day of a shorter month; a term whose last day is not a working day ends
on the next working day; what is done electronically may be done until 24:00 (D3, D4).
"""

import calendar as gregorian
import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from backend.kernel.calendar import FIRST_DAY, LAST_DAY, DateOutOfRange, LegalCalendar
from backend.kernel.clock import LEGAL_ZONE, end_of_legal_day, to_legal
from backend.kernel.errors import Invalid

# A term of 0 is no term: the deadline would be the event itself, which the law never says.
TERM_MIN: Final = 1
TERM_MAX: Final = 10_000
_TERM = re.compile(r"([0-9]{1,5})(wd|cd|mo)", re.IGNORECASE | re.ASCII)


class TermUnit(StrEnum):
    """What a term is counted in."""

    WORKING_DAYS = "wd"
    CALENDAR_DAYS = "cd"
    MONTHS = "mo"


class TermInvalid(Invalid):
    """Not a term: `5wd`, `30cd` or `4mo`, with a number of 1 to 10 000."""

    code = "TERM_INVALID"

    def __init__(self) -> None:
        super().__init__(least=TERM_MIN, most=TERM_MAX)

    def __str__(self) -> str:
        return f"a term is {TERM_MIN} to {TERM_MAX} of wd, cd or mo: 5wd, 30cd, 4mo"


class Term(msgspec.Struct, frozen=True):
    """So many working days, calendar days or months. `Term.parse` reads `5wd`."""

    count: int
    unit: TermUnit

    def __post_init__(self) -> None:
        if not TERM_MIN <= self.count <= TERM_MAX:
            raise TermInvalid

    @classmethod
    def parse(cls, text: str) -> "Term":
        """Read `5wd`, `30cd` or `4mo`, in either case, ASCII digits only. Raises TermInvalid."""
        found = _TERM.fullmatch(text)
        if found is None:
            raise TermInvalid
        return cls(int(found[1]), TermUnit(found[2].lower()))

    def __str__(self) -> str:
        return f"{self.count}{self.unit.value}"


def add_term(calendar: LegalCalendar, start: date, term: Term) -> date:
    """The last day of a term that an event on `start` sets off: always a working day (D3).

    Raises DateOutOfRange when the calendar does not reach that far.
    """
    if not FIRST_DAY <= start <= LAST_DAY:
        raise DateOutOfRange
    if term.unit is TermUnit.WORKING_DAYS:
        day = start
        for _ in range(term.count):
            day = calendar.next_working_day(day)
        return day
    if term.unit is TermUnit.CALENDAR_DAYS:
        return calendar.working_day_from(start + timedelta(days=term.count))
    return calendar.working_day_from(_add_months(start, term.count))


def _add_months(start: date, months: int) -> date:
    """The same day-number `months` later, or the last day of that month (Civil Code 174(3))."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if year > LAST_DAY.year:
        raise DateOutOfRange
    last = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def last_notice_day(calendar: LegalCalendar, event: date, working_days: int) -> date:
    """The last day to give a notice of "not later than `working_days` before" `event` (D15).

    So many full working days lie strictly between the two; a notice on a day off would count from
    the next working day, so the answer is a working day. Raises TermInvalid, DateOutOfRange.
    """
    term = Term(working_days, TermUnit.WORKING_DAYS)
    day = event
    for _ in range(term.count + 1):
        day = calendar.previous_working_day(day)
    return day


def notice_is_in_time(
    calendar: LegalCalendar, notice: date, event: date, working_days: int
) -> bool:
    """Whether a notice of `notice` leaves `working_days` full working days before `event` (D15)."""
    return notice <= last_notice_day(calendar, event, working_days)


# --- the state service's hours ------------------------------------------------------------------

OPENING: Final = time(8, 30)  # App.2 row 7
CLOSING: Final = time(18, 0)
SERVICE_TIME: Final = timedelta(minutes=15)  # M §50-51, App.2 row 3


class AfterHours(StrEnum):
    """What becomes of a request outside working hours (D16)."""

    QUEUE = "QUEUE"  # accepted at the next opening: App.2 row 7(2) to the letter
    IMMEDIATE = "IMMEDIATE"


class Acceptance(msgspec.Struct, frozen=True):
    """When a request counts as accepted and by when it is answered; both with offset +05:00."""

    accepted_at: datetime
    due_at: datetime


def accept_request(
    calendar: LegalCalendar,
    local_timestamp: datetime,
    after_hours: AfterHours = AfterHours.QUEUE,
) -> Acceptance:
    """When the issuer accepts a request of the state service, and by when it answers (domain 4.4).

    A timestamp without an offset is legal local time; with one it is converted. In hours is
    08:30:00 <= t < 18:00:00 of a working day, lunch included (D16). Raises DateOutOfRange.
    """
    if not FIRST_DAY.year <= local_timestamp.year <= LAST_DAY.year:
        raise DateOutOfRange  # before the offset is touched: year 1 has no earlier day
    aware = local_timestamp.utcoffset() is not None
    asked = to_legal(local_timestamp) if aware else local_timestamp.replace(tzinfo=LEGAL_ZONE)
    day, clock_time = asked.date(), asked.time()
    working = calendar.is_working_day(day)
    if after_hours is AfterHours.IMMEDIATE or (working and OPENING <= clock_time < CLOSING):
        accepted = asked
    else:
        opens = day if working and clock_time < OPENING else calendar.next_working_day(day)
        accepted = datetime.combine(opens, OPENING, LEGAL_ZONE)
    return Acceptance(accepted, accepted + SERVICE_TIME)


# --- the master table ---------------------------------------------------------------------------


class LegalTerm(msgspec.Struct, frozen=True):
    """A row of domain 3.19. `term` None: minutes (d11), or dates of the year (d15, domain 6.1).

    `before`: the term is a notice, counted back from the event `since`.
    """

    code: str
    term: Term | None
    since: str
    to_do: str
    source: str
    before: bool = False
    minutes: int | None = None


def _row(code: str, term: str | None, since: str, to_do: str, source: str) -> LegalTerm:
    return LegalTerm(code, Term.parse(term) if term else None, since, to_do, source)


def _notice(code: str, term: str, since: str, to_do: str, source: str) -> LegalTerm:
    return LegalTerm(code, Term.parse(term), since, to_do, source, before=True)


_ROWS: Final = (
    _row("d1", "5wd", "plan approved", "publish plan and announcement", "M §7"),
    _row("d2", "5wd", "announcement posted", "applications are accepted", "M §8"),
    _row("d3", "1wd", "application submitted", "review it", "M §9"),
    _row("d4", "2wd", "acceptance ended", "make the allocation decision", "M §11"),
    _row("d5", "1wd", "decision signed", "form and sign the contracts", "M §12"),
    _row("d6", "30cd", "money received by the issuer", "acts register, payment order", "M §14"),
    _row("d7", "4mo", "cause detected", "remove the cause, resume", "M §16, §17(3)"),
    _notice("d8", "5wd", "monitoring planned", "notify the executor", "M §20, D15"),
    _notice("d9", "3wd", "break planned", "notify MoH, issuer and executors", "M §24, D15"),
    _row("d10", "1wd", "data changed", "update the account", "M §31"),
    LegalTerm("d11", None, "request arrived", "give the result", "M §50-51", minutes=15),
    _row("d12", "5wd", "complaint registered", "the issuer answers", "M §53"),
    _row("d13", "15wd", "complaint registered", "the quality body answers", "M §53"),
    _row("d14", "3wd", "complaint received", "forward it or satisfy it fully", "M §53"),
    _row("d15", None, "the planning year", "domain 6.1", "P ¶4"),
    _row("d16", "10wd", "draft sent to MoH", "silence allows the amendment", "P ¶20"),
    _row("d17", "7wd", "limits or comments delivered", "the Fund revises the need", "P ¶4"),
)
LEGAL_TERMS: Final = MappingProxyType({row.code: row for row in _ROWS})


def last_day(calendar: LegalCalendar, code: str, event: date) -> date:
    """The last day to do what the row `code` of LEGAL_TERMS asks, given the day of its event.

    For a notice (d8, d9) the event lies ahead. KeyError for an unknown row, ValueError for one
    not counted in days (d11, d15), DateOutOfRange.
    """
    row = LEGAL_TERMS[code]
    if row.term is None:
        raise ValueError(f"{code} is not counted in days")
    if row.before:
        return last_notice_day(calendar, event, row.term.count)
    return add_term(calendar, event, row.term)


def deadline(calendar: LegalCalendar, code: str, event: date) -> datetime:
    """The last instant, in UTC, to do what the row `code` asks: 24:00 of `last_day` (D4)."""
    return end_of_legal_day(last_day(calendar, code, event))
