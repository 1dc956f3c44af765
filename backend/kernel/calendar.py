"""Legal days: which are working, which are off (domain 4.1).

Three layers, the later one wins:

1. the week (Saturday and Sunday are off) and the holidays law with its carry-over (`holidays_law`);
2. `ANNOUNCED`: what is settled publicly and no law computes, such as the swaps the Government decreed;
3. the rows of the registrar's table, handed in as `overrides`.

Kurban Ait goes by the moon and is announced each year: it is a working day until a row of layer 2 or
3 says otherwise. No network is asked.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from backend.kernel import holidays_law
from backend.kernel.errors import Invalid

# The span in which the law's table is worth its word; outside it nothing is computed.
FIRST_DAY: Final = date(2020, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)
_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


class DayKind(StrEnum):
    """What a row says of its date."""

    WORKING = "WORKING"
    DAY_OFF = "DAY_OFF"


class CalendarDay(msgspec.Struct, frozen=True):
    """One row of the table `calendar_day`: it overrules the law for `day`."""

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


def _swapped(off: date, worked: date, source: str) -> tuple[CalendarDay, CalendarDay]:
    """A decree gives `off` and has `worked`, a Saturday, Sunday or carried-over day, worked for it."""
    return (
        CalendarDay(off, DayKind.DAY_OFF, source),
        CalendarDay(worked, DayKind.WORKING, source),
    )


ANNOUNCED: Final = (
    # Transfers of days off, by their number on adilet.zan.kz.
    *_swapped(date(2020, 1, 3), date(2020, 1, 5), "P1900000820"),
    *_swapped(date(2020, 5, 8), date(2020, 5, 11), "P1900000820"),
    *_swapped(date(2020, 12, 18), date(2020, 12, 20), "P1900000820"),
    *_swapped(date(2021, 7, 5), date(2021, 7, 3), "P2000000930"),
    *_swapped(date(2022, 3, 7), date(2022, 3, 5), "P2200000796"),
    *_swapped(date(2022, 8, 29), date(2022, 8, 27), "P2200000796"),
    *_swapped(date(2022, 10, 24), date(2022, 10, 22), "P2200000796"),
    *_swapped(date(2023, 7, 7), date(2023, 7, 1), "P2300000326"),
    *_swapped(date(2024, 5, 8), date(2024, 5, 4), "G24G0000109"),
    *_swapped(date(2025, 1, 3), date(2025, 1, 5), "G24G0000436"),
    # The first day of Kurban Ait, where it fell on a weekday. No carry-over (domain 4.1).
    CalendarDay(date(2020, 7, 31), DayKind.DAY_OFF, "Kurban Ait 2020"),
    CalendarDay(date(2021, 7, 20), DayKind.DAY_OFF, "Kurban Ait 2021"),
    CalendarDay(date(2023, 6, 28), DayKind.DAY_OFF, "Kurban Ait 2023"),
    CalendarDay(date(2025, 6, 6), DayKind.DAY_OFF, "Kurban Ait 2025"),
    CalendarDay(date(2026, 5, 27), DayKind.DAY_OFF, "Kurban Ait 2026, inform.kz 947dd6"),
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
        return day.weekday() < _SATURDAY and day not in holidays_law.days_off(day.year)

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
