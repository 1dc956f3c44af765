"""A planned break is told three full working days before (M §24, D15)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import LEGAL_ZONE
from backend.registry.technical_break import rules
from backend.registry.technical_break.errors import BreakNoticeTooLate
from backend.registry.technical_break.model import AnnounceBreak, BreakKind, Reason

REASON = Reason("Серверлерді жаңарту", "Обновление серверов", "Servers are renewed")


def at_two(day: date) -> datetime:
    """02:00 of a legal day, when breaks are held: the evening before in UTC."""
    return datetime.combine(day, time(2), LEGAL_ZONE).astimezone(UTC)


def planned(starts_at: datetime, kind: BreakKind = BreakKind.PLANNED) -> AnnounceBreak:
    return AnnounceBreak(kind, starts_at, starts_at + timedelta(hours=4), REASON)


@pytest.mark.parametrize(
    ("held_on", "last_notice"),
    [
        pytest.param(date(2026, 4, 16), date(2026, 4, 10), id="C19"),
        pytest.param(date(2026, 3, 26), date(2026, 3, 17), id="C20"),
    ],
)
def test_the_vectors_of_the_calendar(
    calendar: LegalCalendar, held_on: date, last_notice: date
) -> None:
    command = planned(at_two(held_on))
    midnight = datetime.combine(last_notice + timedelta(days=1), time.min, LEGAL_ZONE)
    last_instant = midnight - timedelta(microseconds=1)
    rules.require_announceable(calendar, command, last_instant.astimezone(UTC))
    assert rules.notice_until(calendar, command.starts_at) == last_instant
    with pytest.raises(BreakNoticeTooLate) as late:
        rules.require_announceable(calendar, command, midnight.astimezone(UTC))
    assert late.value.facts == {"last": last_notice.isoformat()}
    emergency = planned(at_two(held_on), BreakKind.EMERGENCY)
    rules.require_announceable(calendar, emergency, midnight.astimezone(UTC))


def test_a_notice_on_a_day_off_counts_from_the_next_working_day(calendar: LegalCalendar) -> None:
    sunday = datetime(2026, 4, 12, 12, tzinfo=LEGAL_ZONE)
    with pytest.raises(BreakNoticeTooLate):
        rules.require_announceable(calendar, planned(at_two(date(2026, 4, 16))), sunday)
    rules.require_announceable(calendar, planned(at_two(date(2026, 4, 17))), sunday)


def test_who_comes_in_a_break_is_told_when_to_come_again() -> None:
    now = at_two(date(2026, 4, 16))
    until = now + timedelta(hours=3, milliseconds=1)
    told = rules.resting(until, now)
    assert (told.retry_after_s, told.facts) == (10_801, {"until": "16.04.2026 05:00"})
    assert rules.resting(now - timedelta(hours=1), now).retry_after_s == 60  # longer than was said
    assert rules.resting(now + timedelta(days=5), now).retry_after_s == 6 * 3600
