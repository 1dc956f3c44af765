"""The grade of evidence. Pure."""

from datetime import timedelta

from backend.visits.checkin.model import Grade

BIOMETRIC_LIFE = timedelta(minutes=10)  # a finished session serves one visit for so long
CLOCKS_DIFFER = timedelta(seconds=1)  # of two machines of ours
SCANS_KEPT = timedelta(days=1)  # a scanned code lives a minute


def grade(*, qr: bool, biometric: bool, document: bool) -> Grade:
    """How well a visit is proved: QR with biometrics, QR with a digital document, QR only, none.

    Without a QR nothing else lifts it: M §15(3) asks about QR registration alone (domain 7.1 row 9).
    """
    if not qr:
        return Grade.NONE
    if biometric:
        return Grade.QR_BIOMETRIC
    return Grade.QR_DOCUMENT if document else Grade.QR_ONLY
