"""The four months of M §16, by the vectors of domain 3.20 and 4.2."""

from datetime import UTC, date, datetime

import pytest

from backend.kernel.calendar import LegalCalendar
from backend.payments.suspension import rules


@pytest.mark.parametrize(
    ("detected", "last", "terminated"),
    [
        ("2026-06-10T05:00", date(2026, 10, 12), date(2026, 10, 13)),  # 10 October is a Saturday
        ("2026-06-09T19:30", date(2026, 10, 12), date(2026, 10, 13)),  # the 10th in Kazakhstan
        ("2026-03-31T05:00", date(2026, 7, 31), date(2026, 8, 1)),
        ("2026-10-31T05:00", date(2027, 3, 1), date(2027, 3, 2)),
        ("2026-04-30T05:00", date(2026, 8, 31), date(2026, 9, 1)),
    ],
)
def test_four_months_end_on_a_working_day(
    calendar: LegalCalendar, detected: str, last: date, terminated: date
) -> None:
    at = datetime.fromisoformat(detected).replace(tzinfo=UTC)
    assert rules.remove_by(calendar, at) == last
    assert rules.terminated_from(last) == terminated
