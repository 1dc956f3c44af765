"""The grade of evidence follows from what was shown, and a QR comes first."""

import pytest

from backend.visits.checkin.model import Grade
from backend.visits.checkin.rules import grade


@pytest.mark.parametrize(
    ("qr", "biometric", "document", "expected"),
    [
        (True, True, False, Grade.QR_BIOMETRIC),
        (True, True, True, Grade.QR_BIOMETRIC),
        (True, False, True, Grade.QR_DOCUMENT),
        (True, False, False, Grade.QR_ONLY),
        (False, False, False, Grade.NONE),
        (False, False, True, Grade.NONE),
        (False, True, True, Grade.NONE),  # M §15(3) asks about QR alone
    ],
)
def test_grades(qr: bool, biometric: bool, document: bool, expected: Grade) -> None:
    assert grade(qr=qr, biometric=biometric, document=document) is expected
