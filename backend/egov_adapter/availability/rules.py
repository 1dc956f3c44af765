"""Minutes and shares. Pure."""

from datetime import datetime, timedelta
from typing import Final

from backend.egov_adapter.availability.model import Availability, Measured

DAYS: Final = 30
KEPT: Final = timedelta(days=400)
MINUTE: Final = timedelta(minutes=1)
_MILLION: Final = 1_000_000


def minute_of(at: datetime) -> datetime:
    """The beginning of the minute."""
    return at.replace(second=0, microsecond=0)


def told(found: Measured, now: datetime) -> Availability:
    """The figure; never better than what was measured."""
    if found.since is None:
        return Availability(DAYS, None, 0, 0, 0, None)
    passed = (minute_of(now) - found.since) // MINUTE + 1
    minutes = max(passed, found.measured)
    share = found.answered * _MILLION // minutes
    return Availability(DAYS, found.since, minutes, found.measured, found.answered, share)
