"""A visit day in numbers."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.visits.checkin.model import Grade


class DayCell(msgspec.Struct, frozen=True):
    """Visits of one grade in one hour of a facility's day."""

    facility_id: UUID
    grade: Grade
    hour: int
    visits: int
    near: int
    placed: int
    last_at: datetime


class Day(msgspec.Struct, frozen=True):
    """A facility's legal day so far.

    `by_hour` are the 24 hours of +05:00. `without_qr` are those of grade NONE, which count towards S3
    (M §15(3)). `near` and `far` are by the place the phone told; the others told none.
    """

    facility_id: UUID
    facility: str
    visit_date: date
    visits: int
    by_grade: dict[str, int]
    without_qr: int
    by_hour: list[int]
    near: int
    far: int
    last_at: datetime | None
