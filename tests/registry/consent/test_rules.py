"""What stands, given what was said."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.registry.consent.model import ConsentRow, ConsentState, Purpose
from backend.registry.consent.rules import is_closed, state_of

NOW = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)


def row(given: bool, expires_at: datetime | None) -> ConsentRow:
    return ConsentRow(Purpose.BOT, given, NOW, expires_at)


@pytest.mark.parametrize(
    ("stored", "stands", "closed"),
    [
        (None, ConsentState.NONE, False),  # D43: withdrawal closes, not silence
        (row(True, NOW + timedelta(microseconds=1)), ConsentState.GIVEN, False),
        (row(True, NOW), ConsentState.EXPIRED, True),
        (row(False, None), ConsentState.WITHDRAWN, True),
    ],
)
def test_what_stands(stored: ConsentRow | None, stands: ConsentState, closed: bool) -> None:
    assert state_of(stored, NOW) is stands
    assert is_closed(stands) is closed
