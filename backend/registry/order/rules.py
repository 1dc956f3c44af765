"""When policies may be issued, and how persons are shared out. Pure."""

from datetime import date
from typing import Final
from uuid import UUID

from backend.registry.order.errors import PilotExpired, YearNotOpen
from backend.registry.order.model import Part

PARTS: Final = 16
_SIZE: Final = (1 << 128) // PARTS


def require_issuable(year: int, today: date, pilot_from: date, pilot_to: date) -> None:
    """The pilot runs, and `year` is its present or next financial year (M §35, D1).

    Raises PilotExpired, YearNotOpen.
    """
    if not pilot_from <= today <= pilot_to:
        raise PilotExpired
    if year not in (today.year, today.year + 1) or date(year, 1, 1) > pilot_to:
        raise YearNotOpen(path="$.year")


def parts() -> list[Part]:
    """Sixteen ranges that hold every id once: `after` exclusive, `until` inclusive."""
    return [
        Part(n, UUID(int=max(n * _SIZE - 1, 0)), UUID(int=(n + 1) * _SIZE - 1))
        for n in range(PARTS)
    ]


def validity(year: int, issued_on: date) -> tuple[date, date]:
    """First and last day of a policy: from its issue, not before its year, to the year's end."""
    return max(issued_on, date(year, 1, 1)), date(year, 12, 31)
