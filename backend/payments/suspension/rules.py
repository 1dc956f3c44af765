"""When payment is suspended, and how long (M §15-17). Pure."""

from datetime import date, datetime, timedelta

from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import legal_date
from backend.kernel.terms import last_day


def without_qr_too_often(no_qr: int, cases: int) -> bool:
    """S3: more than half of the act's cases have no QR visit; exactly half has not (M §15(3))."""
    return 2 * no_qr > cases


def remove_by(calendar: LegalCalendar, detected_at: datetime) -> date:
    """The last day to remove the cause and resume: four months from detection (M §16, d7)."""
    return last_day(calendar, "d7", legal_date(detected_at))


def terminated_from(last: date) -> date:
    """T3 takes effect the day after the four months (M §17(3))."""
    return last + timedelta(days=1)
