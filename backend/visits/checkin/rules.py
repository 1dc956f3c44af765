"""The grade of evidence. Pure."""

from datetime import timedelta

from backend.kernel.errors import Refusal
from backend.registry.account.errors import AccountNotOpen
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.registry.consent.model import Purpose
from backend.visits.biometrics.errors import BiometricInvalid, BiometricPending
from backend.visits.checkin.errors import DuplicateVisit
from backend.visits.checkin.model import Grade, NewVisit, Standing
from backend.visits.code.errors import FacilityShut, RevokedCode, UsedCode

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


def refusal(visit: NewVisit, stands: Standing) -> Refusal:
    """Why a visit that was not written was not: the first reason that holds."""
    if not stands.account_open:
        return AccountNotOpen()
    if visit.grade is not Grade.NONE and not stands.qr_consent:
        return ConsentWithdrawnByPerson(purpose=Purpose.QR_VISITS.value)
    if visit.biometric_session_id is not None and not stands.biometric_consent:
        return ConsentWithdrawnByPerson(purpose=Purpose.BIOMETRICS.value)
    if stands.closed_on is not None:
        return FacilityShut(closed_on=stands.closed_on.isoformat())
    if not stands.code_live:
        return RevokedCode(path="code")
    if stands.nonce_used:
        return UsedCode(path="code")
    if stands.first_visit_id is not None:
        return DuplicateVisit(first_visit_id=str(stands.first_visit_id))
    if stands.biometric_pending:
        return BiometricPending(path="biometric_session_id")
    return BiometricInvalid(path="biometric_session_id")
