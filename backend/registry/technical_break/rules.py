"""When a break may be announced, begun, put off, ended and called off (M §24, D15). Pure."""

import math
from datetime import datetime, timedelta
from typing import Final

from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import end_of_legal_day, legal_date, to_legal
from backend.kernel.terms import last_day
from backend.registry.technical_break.errors import (
    BreakNotDue,
    BreakNoticeTooLate,
    BreakStateWrong,
    BreakTimes,
    RegistryRests,
)
from backend.registry.technical_break.model import (
    AnnounceBreak,
    BreakKind,
    BreakState,
    Reason,
    StoredBreak,
    TechnicalBreak,
)

NOTICE: Final = "d9"  # at least three working days before (M §24)
# Slips of the pen: no law says how long a break lasts or how far ahead it is planned.
LONGEST: Final = timedelta(days=7)
FARTHEST: Final = timedelta(days=366)
_RETRY_LEAST_S, _RETRY_MOST_S = 60, 6 * 3_600  # a break that lasts longer than said is asked after


def require_announceable(calendar: LegalCalendar, command: AnnounceBreak, now: datetime) -> None:
    """Raises BreakTimes, BreakNoticeTooLate with the last day there was, DateOutOfRange."""
    if not now - LONGEST <= command.starts_at <= now + FARTHEST:
        raise BreakTimes(path="document.starts_at")
    if not timedelta(0) < command.ends_at - command.starts_at <= LONGEST:
        raise BreakTimes(path="document.ends_at")
    if command.kind is BreakKind.PLANNED:
        last = last_day(calendar, NOTICE, legal_date(command.starts_at))
        if legal_date(now) > last:
            raise BreakNoticeTooLate(path="document.starts_at", last=last.isoformat())


def notice_until(calendar: LegalCalendar, starts_at: datetime) -> datetime:
    """The last instant at which a break of `starts_at` could be announced (d9)."""
    return end_of_legal_day(last_day(calendar, NOTICE, legal_date(starts_at)))


def happened(command: AnnounceBreak, now: datetime) -> tuple[datetime | None, datetime | None]:
    """What of an announced break lies behind already: an emergency is often told of afterwards."""
    if command.kind is BreakKind.PLANNED or command.starts_at > now:
        return None, None
    return command.starts_at, command.ends_at if command.ends_at <= now else None


def state_of(stored: StoredBreak, now: datetime) -> BreakState:
    """Where a break stands at `now`."""
    if stored.cancelled_at is not None:
        return BreakState.CANCELLED
    if stored.ended_at is not None:
        return BreakState.ENDED
    if stored.began_at is not None:
        return BreakState.RUNNING
    return BreakState.ANNOUNCED if now < stored.ends_at else BreakState.NOT_HELD


def require_state(stored: StoredBreak, wanted: BreakState, now: datetime) -> None:
    """Raises BreakStateWrong with the state it has."""
    state = state_of(stored, now)
    if state is not wanted:
        raise BreakStateWrong(state=state.value)


def require_due(stored: StoredBreak, now: datetime) -> None:
    """Nobody is shut out before the hour that was announced. Raises BreakNotDue."""
    if now < stored.starts_at:
        raise BreakNotDue(starts_at=told(stored.starts_at))


def require_later(stored: StoredBreak, until_at: datetime, now: datetime) -> None:
    """An end is put off to a later one, not too far away. Raises BreakTimes."""
    if not max(stored.until_at, now) < until_at <= now + LONGEST:
        raise BreakTimes(path="document.until_at")


def resting(until_at: datetime, now: datetime) -> RegistryRests:
    """What a changing command is answered: until when, and when to come again."""
    left = math.ceil((until_at - now).total_seconds())
    retry = min(max(left, _RETRY_LEAST_S), _RETRY_MOST_S)
    return RegistryRests(retry_after_s=retry, until=told(until_at))


def told(instant: datetime) -> str:
    """An instant as people in Kazakhstan read it: `16.04.2026 06:00`."""
    return to_legal(instant).strftime("%d.%m.%Y %H:%M")


def show(stored: StoredBreak, now: datetime) -> TechnicalBreak:
    """A break as anybody reads it."""
    return TechnicalBreak(
        break_id=stored.break_id,
        kind=stored.kind,
        state=state_of(stored, now),
        starts_at=stored.starts_at,
        ends_at=stored.ends_at,
        until_at=stored.until_at,
        reason=Reason(stored.reason_kk, stored.reason_ru, stored.reason_en),
        announced_at=stored.announced_at,
        began_at=stored.began_at,
        ended_at=stored.ended_at,
        cancelled_at=stored.cancelled_at,
    )
