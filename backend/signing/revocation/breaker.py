"""A circuit breaker: a source that fails is left alone for a while, then tried by one.

Pure: the instants come from the caller's clock, which may jump.
"""

from datetime import datetime, timedelta
from enum import StrEnum

FAILURES_MAX = 3
PAUSE = timedelta(seconds=30)


class State(StrEnum):
    """Closed lets everybody through, open nobody, half-open one."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Opens after `failures_max` failures in a row; `pause` later one caller may try again."""

    def __init__(self, failures_max: int = FAILURES_MAX, pause: timedelta = PAUSE) -> None:
        self._max, self._pause = failures_max, pause
        self._failures = 0
        self._opened_at: datetime | None = None
        self._tried_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """What a caller at `now` would meet."""
        if self._opened_at is None:
            return State.CLOSED
        # a clock that was set back must not keep a source shut for as long as it was set back
        waited = abs(now - self._opened_at)
        return State.OPEN if waited < self._pause else State.HALF_OPEN

    def allows(self, now: datetime) -> bool:
        """May the source be asked at `now`? Half-open, one caller is let through in each pause."""
        found = self.state(now)
        if found is not State.HALF_OPEN:
            return found is State.CLOSED
        if self._tried_at is not None and abs(now - self._tried_at) < self._pause:
            return False
        self._tried_at = now
        return True

    def succeeded(self) -> None:
        """The source answered: all is forgotten."""
        self._failures, self._opened_at, self._tried_at = 0, None, None

    def failed(self, now: datetime) -> None:
        """The source did not answer, or not sensibly."""
        self._failures += 1
        if self._failures >= self._max:
            self._opened_at, self._tried_at = now, None

    def wait_s(self, now: datetime) -> int:
        """Seconds until the source may be asked again; 0 when it may now."""
        if self._opened_at is None or self.state(now) is not State.OPEN:
            return 0
        return max(1, round((self._pause - abs(now - self._opened_at)).total_seconds()))
