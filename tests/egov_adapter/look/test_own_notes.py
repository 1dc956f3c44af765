"""What a citizen does about himself is noted as his own, once a session, whichever operation comes first."""

from typing import Any

import pytest

from backend.kernel.actor import Role
from tests.conftest import open_session
from tests.egov_adapter.conftest import AIGUL_IIN
from tests.registry.access_record.noted import noted
from tests.visits.conftest import AIGUL, Owner

ABSENT = "01980000-0000-7000-8000-0000000000ff"
PAPER = {"number": "АТ-1234567", "issued_on": "2013-05-20", "issued_by": "АХАТ"}
REPRESENTED = {"iin": AIGUL_IIN, "basis": "PARENT", "document": PAPER, "valid_to": "2031-05-04"}
REQUEST = f"/citizen/service-requests/{ABSENT}"
# operation -> method, address, body; what is not there is looked for, and that is noted too
FIRST: dict[str, tuple[str, str, Any]] = {
    "GetOwnServiceRequest": ("GET", REQUEST, None),
    "GetServiceResultJson": ("GET", f"{REQUEST}/json", None),
    "GetServiceResultPdf": ("GET", f"{REQUEST}/pdf", None),
    "GetServiceResultSeal": ("GET", f"{REQUEST}/seal", None),
    "RequestService": ("POST", "/citizen/service-requests", {"consent_id": None}),
    "RequestServiceSigned": (
        "POST", "/citizen/service-requests/signed", {"document": "e30=", "signature": "e30="},
    ),
    "GetBiometricSession": ("GET", f"/visits/biometrics/{ABSENT}", None),
    "GetOwnComplaintPicture": ("GET", f"/citizen/complaints/{ABSENT}/pictures/{ABSENT}", None),
    "GiveConsent": ("POST", "/citizen/consents", {"purpose": "QR_VISITS", "days": 365}),
    "WithdrawConsents": ("POST", "/citizen/consents/withdrawals", {"purposes": ["BIOMETRICS"]}),
    "RepresentPerson": ("POST", "/citizen/representations", REPRESENTED),
}  # fmt: skip


@pytest.mark.notes(
    "GetOwnServiceRequest", "GetServiceResultJson", "GetServiceResultPdf", "GetServiceResultSeal",
    "RequestService", "RequestServiceSigned", "GetBiometricSession", "GetOwnComplaintPicture",
    "GiveConsent", "WithdrawConsents", "RepresentPerson",
)  # fmt: skip
async def test_each_notes_the_first_read_of_its_session(
    client: Any, resources: Any, owner: Owner
) -> None:
    async with client() as http:
        for operation, (method, path, body) in FIRST.items():
            token = await open_session(resources, Role.INSURED, person_id=AIGUL)
            answer = await http.request(
                method, f"/api/v1{path}", json=body, headers={"authorization": f"Bearer {token}"}
            )
            assert answer.status_code < 500 or answer.json()["code"] == "SOURCE_UNAVAILABLE"
            found = await noted(owner, operation)
            assert [one.person_id for one in found] == [AIGUL], f"{operation}: {answer.text}"
