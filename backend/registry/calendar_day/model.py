"""Rows that overrule the calendar the code generates, and the signed commands that set them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.kernel.calendar import DayKind

Source = Annotated[
    str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class SetDay(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="calendar.set_day",
    tag_field="operation",
):
    """Let `day` be a working day or a day off, on the ground of `source` (a decree, a publication).

    `kind` null takes the row away: the generated calendar holds again.
    """

    day: date
    kind: DayKind | None
    source: Source


class CalendarChange(msgspec.Struct, frozen=True):
    """A change of the table, as it stays in the history."""

    change_id: UUID
    day: date
    kind: DayKind | None
    source: str
    actor: str
    at: datetime


class YearOfDays(msgspec.Struct, frozen=True):
    """One year as the service counts it; `days_off` beyond Saturdays and Sundays, ISO dates."""

    year: int
    working_days: int
    days_off: list[date]
    working_weekends: list[date]
    rows: list["DayRow"]


class DayRow(msgspec.Struct, frozen=True):
    """A row of the registrar's with its source."""

    day: date
    kind: DayKind
    source: str
