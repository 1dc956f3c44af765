"""Quiet hours as minutes of the day, and the terms of telling. Pure."""

from datetime import timedelta
from typing import Final

from backend.egov_adapter.notice.model import Quiet

# A claim that was not reported for so long is in doubt: it is not told again.
CLAIM_LIFE: Final = timedelta(minutes=10)
# So many days ahead one is told that the status ends: time to pay, and the 15th is not missed unread.
LAPSE_DAYS: Final = 14
# ... and not in the middle of the night, whatever quiet hours one chose: from this hour of Kazakhstan on.
LAPSE_FROM_HOUR: Final = 9
# What was told is listed for a quarter of a year.
KEPT: Final = timedelta(days=92)
# Notices put off in one claim because their readers sleep.
DEFERRED_MAX: Final = 200


def minutes(quiet: Quiet | None) -> tuple[int | None, int | None]:
    """Both ends as minutes of the day."""
    if quiet is None:
        return None, None
    return _minute(quiet.start), _minute(quiet.end)


def quiet_of(start: int | None, end: int | None) -> Quiet | None:
    """The quiet hours between two minutes of the day."""
    if start is None or end is None:
        return None
    return Quiet(_clock(start), _clock(end))


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
