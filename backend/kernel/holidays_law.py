"""The days off of a year by the holidays law (domain 4.1), for every year of the calendar.

What the Government decreed and what goes by the moon cannot be computed: those are rows, in
`backend.kernel.calendar` and in the registrar's table.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


class Holiday(NamedTuple):
    """A day of every year from `since` to `until`, both included."""

    month: int
    day: int
    since: int = 2020
    until: int = 2100

    def falls_on(self, year: int) -> list[date]:
        """Its date in `year`, where it is kept then."""
        return [date(year, self.month, self.day)] if self.since <= year <= self.until else []


# Holidays law art. 5: coinciding with a day off, they give the next working day.
CARRIED_OVER: Final = (
    Holiday(1, 1), Holiday(1, 2),  # New Year
    Holiday(3, 8),  # Women's Day
    Holiday(3, 15, since=2027),  # Constitution Day (D39)
    Holiday(3, 21), Holiday(3, 22), Holiday(3, 23),  # Nauryz
    Holiday(5, 1),  # Unity Day
    Holiday(5, 7),  # Defender's Day
    Holiday(5, 9),  # Victory Day
    Holiday(7, 6),  # Capital Day
    Holiday(8, 30, until=2025),  # Constitution Day before (D39)
    Holiday(10, 25, since=2022),  # Republic Day
    Holiday(12, 1, until=2021),  # Day of the First President
    Holiday(12, 16), Holiday(12, 17, until=2021),  # Independence Day
)  # fmt: skip
# A day off, no holiday: Orthodox Christmas goes where the week puts it.
NOT_CARRIED_OVER: Final = (Holiday(1, 7),)


@lru_cache(maxsize=128)
def days_off(year: int) -> frozenset[date]:
    """The holidays and days off of `year` and the days they are carried over to, in their order."""
    kept = _dates(CARRIED_OVER, year)
    off = set(kept + _dates(NOT_CARRIED_OVER, year))
    for day in kept:
        if day.weekday() >= _SATURDAY:
            off.add(_next_working_day(day, off))
    return frozenset(off)


def _dates(holidays: Iterable[Holiday], year: int) -> list[date]:
    return [day for holiday in holidays for day in holiday.falls_on(year)]


def _next_working_day(day: date, off: set[date]) -> date:
    while day.weekday() >= _SATURDAY or day in off:
        day += _ONE_DAY
    return day
