"""The day from its cells. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

from backend.visits.checkin.model import Grade
from backend.visits.day.model import Day, DayCell

# [ENG] how far a phone may be from the facility's coordinates and still be counted as near, beyond what it
# is unsure of itself. Shown and given to monitoring; nobody is refused for it.
NEAR_M: Final = 300
UNSURE_MAX_M: Final = 500
HOURS: Final = 24


def day(facility_id: UUID, facility: str, visit_date: date, cells: Iterable[DayCell]) -> Day:
    """Fold the cells of one facility and legal day."""
    by_grade = {grade.value: 0 for grade in Grade}
    by_hour = [0] * HOURS
    near = placed = 0
    last_at = None
    for cell in cells:
        by_grade[cell.grade.value] += cell.visits
        by_hour[cell.hour] += cell.visits
        near, placed = near + cell.near, placed + cell.placed
        last_at = cell.last_at if last_at is None else max(last_at, cell.last_at)
    return Day(
        facility_id=facility_id,
        facility=facility,
        visit_date=visit_date,
        visits=sum(by_hour),
        by_grade=by_grade,
        without_qr=by_grade[Grade.NONE.value],
        by_hour=by_hour,
        near=near,
        far=placed - near,
        last_at=last_at,
    )
