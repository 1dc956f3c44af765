"""Time: instants are UTC and come from an injected Clock; legal days are days of +05:00.

Kazakhstan is one zone, UTC+5, since 1 March 2024 (domain 0). The pilot began on 6 March 2026, so no
legal instant lies before the change and a fixed offset says the whole truth: it cannot be
made wrong by an old time zone database. The database and the C library still use their own tables to
show local time, so a machine whose table is older than that change is refused at start-up.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backend.kernel.calendar import DateOutOfRange

LEGAL_OFFSET = timedelta(hours=5)
LEGAL_ZONE = timezone(LEGAL_OFFSET)
LEGAL_ZONE_NAME = "Asia/Almaty"
# The last midnight before the change of 1 March 2024, and the first one after it (tzdata 2024a).
_OLD_RULES_AT = datetime(2024, 2, 29, 0, 0, tzinfo=UTC)
_NEW_RULES_AT = datetime(2024, 3, 1, 0, 0, tzinfo=UTC)
_OLD_OFFSET = timedelta(hours=6)


class TzdataTooOld(RuntimeError):
    """The time zone database does not know that Kazakhstan became one zone on 1 March 2024."""

    code = "TZDATA_TOO_OLD"


@runtime_checkable
class Clock(Protocol):
    """Where services get the present from."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until told otherwise."""

    def __init__(self, at: datetime) -> None:
        self._at = require_aware(at).astimezone(UTC)

    def now(self) -> datetime:
        """The instant it was set to, in UTC."""
        return self._at

    def set(self, at: datetime) -> None:
        """Let it be `at`; backwards is allowed, as real clocks jump too."""
        self._at = require_aware(at).astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Let `by` pass."""
        self._at += by


def require_aware(instant: datetime) -> datetime:
    """`instant` itself; ValueError when it has no offset, for then it names no instant."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs an offset from UTC")
    return instant


def to_legal(instant: datetime) -> datetime:
    """`instant` with offset +05:00, as documents show it. ValueError when it has no offset."""
    return require_aware(instant).astimezone(LEGAL_ZONE)


def legal_date(instant: datetime) -> date:
    """The legal day on which `instant` falls (+05:00). ValueError when it has no offset."""
    return to_legal(instant).date()


def legal_midnight(day: date) -> datetime:
    """The first instant of a legal day, in UTC. Raises DateOutOfRange: the first day of year 1 begins before it."""
    try:
        return datetime.combine(day, time.min, LEGAL_ZONE).astimezone(UTC)
    except OverflowError:
        raise DateOutOfRange from None


def end_of_legal_day(day: date) -> datetime:
    """The last instant of a legal day, 23:59:59.999999 of +05:00, in UTC (D4: terms close then)."""
    return datetime.combine(day, time.max, LEGAL_ZONE).astimezone(UTC)


def require_tzdata(zone: tzinfo | None = None) -> None:
    """Refuse a time zone database older than 2024a, judged by what it answers.

    `zone` stands in for the machine's own Asia/Almaty in tests. Raises TzdataTooOld.
    """
    try:
        almaty = zone or ZoneInfo(LEGAL_ZONE_NAME)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TzdataTooOld(f"the time zone database has no {LEGAL_ZONE_NAME}") from None
    before = _OLD_RULES_AT.astimezone(almaty).utcoffset()
    after = _NEW_RULES_AT.astimezone(almaty).utcoffset()
    if (before, after) != (_OLD_OFFSET, LEGAL_OFFSET):
        raise TzdataTooOld(
            f"{LEGAL_ZONE_NAME} must change from +06:00 to +05:00 on 2024-03-01:"
            " bring tzdata to 2024a or newer"
        )
