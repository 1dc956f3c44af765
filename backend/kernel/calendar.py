"""Legal days: which are working, which are off (domain 4.1).

Three layers, the later one wins:

1. the week (Saturday and Sunday are off) and the holidays law with its carry-over, as the `holidays`
   library generates them, including the transfers the Government decreed in past years;
2. `ANNOUNCED`: what is settled publicly and the generator does not know or must not forget;
3. the rows of the registrar's table, handed in as `overrides`.

A day the generator only estimates (Kurban Ait goes by the moon and is announced each year) is a
working day until a row of layer 2 or 3 says otherwise. No network is asked.
"""

import functools
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from backend.kernel.errors import Invalid

# The span in which the generator is worth its word; outside it nothing is computed.
FIRST_DAY: Final = date(2020, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)
_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


class DayKind(StrEnum):
    """What a row says of its date."""

    WORKING = "WORKING"
    DAY_OFF = "DAY_OFF"


class CalendarDay(msgspec.Struct, frozen=True):
    """One row of the table `calendar_day`: it overrules the generator for `day`."""

    day: date
    kind: DayKind
    source: str


class DateOutOfRange(Invalid):
    """A date, or the end of a term, outside 2020-2100: the calendar does not reach there."""

    code = "DATE_OUT_OF_RANGE"

    def __init__(self) -> None:
        super().__init__(first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat())

    def __str__(self) -> str:
        return f"the calendar reaches from {FIRST_DAY} to {LAST_DAY}"


ANNOUNCED: Final = (
    # Domain 4.1, inform.kz 947dd6: no carry-over, whatever the weekday.
    CalendarDay(date(2026, 5, 27), DayKind.DAY_OFF, "Kurban Ait 2026, inform.kz 947dd6"),
    # D39. Calendars printed before 16 March 2026 show the old Constitution Day.
    CalendarDay(date(2026, 8, 31), DayKind.WORKING, "30 August is no holiday, taspanews.kz 2026"),
    CalendarDay(date(2026, 3, 16), DayKind.WORKING, "15 March from 2027 only, echofm.online 2026"),
)


class LegalCalendar:
    """The working days of Kazakhstan. ValueError when two overrides name one date.

    It answers by the rows it was last given; `overrule` swaps them whole. Every method raises DateOutOfRange where it would have to look outside 2020-2100.
    """

    __slots__ = ("_kinds",)

    _kinds: Mapping[date, DayKind]

    def __init__(self, overrides: Iterable[CalendarDay] = ()) -> None:
        self.overrule(overrides)

    def overrule(self, overrides: Iterable[CalendarDay]) -> None:
        """Take these rows of the registrar's table instead of the ones before."""
        rows = tuple(overrides)
        own = {row.day: DayKind(row.kind) for row in rows}
        if len(own) != len(rows):
            raise ValueError("two overrides for one date")
        self._kinds = MappingProxyType({row.day: row.kind for row in ANNOUNCED} | own)

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is a working day."""
        if not FIRST_DAY <= day <= LAST_DAY:
            raise DateOutOfRange
        kind = self._kinds.get(day)
        if kind is not None:
            return kind is DayKind.WORKING
        generated = _generated(day.year).get(day)
        if generated is not None:
            return generated is DayKind.WORKING
        return day.weekday() < _SATURDAY

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        day = _step(day, 1)
        while not self.is_working_day(day):
            day = _step(day, 1)
        return day

    def previous_working_day(self, day: date) -> date:
        """The last working day before `day`."""
        day = _step(day, -1)
        while not self.is_working_day(day):
            day = _step(day, -1)
        return day

    def working_day_from(self, day: date) -> date:
        """`day` when it is a working day, else the next one (Civil Code 175)."""
        return day if self.is_working_day(day) else self.next_working_day(day)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie strictly between `start` and `end`; 0 when none can (D15)."""
        self.is_working_day(start)
        self.is_working_day(end)
        days = (end - start).days
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, days))


def _step(day: date, by: int) -> date:
    """The neighbouring day; the range of the calendar bounds every walk."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise DateOutOfRange
    return day + by * _ONE_DAY


@functools.lru_cache(maxsize=128)
def _generated(year: int) -> Mapping[date, DayKind]:
    """The days of `year` that the holidays law or a decree sets apart from the plain week."""
    # Loaded on first use: the library brings the calendars of all countries, a quarter of a second.
    from holidays.countries.kazakhstan import Kazakhstan

    law = Kazakhstan(years=year, language="kk")
    estimated = tuple(
        label.removeprefix("%s") for label in (law.estimated_label, law.observed_estimated_label)
    )
    kinds = {day: DayKind.WORKING for day in law.weekend_workdays if day.year == year}
    for day in law:
        names = law.get_list(day)
        if day.year == year and not all(name.endswith(estimated) for name in names):
            kinds[day] = DayKind.DAY_OFF
    return MappingProxyType(kinds)
