"""Without consent no QR and no biometrics, and the person is told why; care goes on (D43)."""

from typing import Any

import httpx
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from tests.visits.checkin.test_service import finished_session
from tests.visits.conftest import (
    AIGUL,
    BOLAT,
    CLINIC,
    CLINIC_BIN,
    FACILITY,
    Owner,
    iin,
    own_code,
)

pytestmark = pytest.mark.usefixtures("clinics", "citizens")
DESK, CONSENTS = "/api/v1/visits/desk", "/api/v1/citizen/consents"


def require_told(answer: httpx.Response, purpose: str) -> None:
    told = answer.json()
    assert (answer.status_code, told["code"]) == (403, "CONSENT_WITHDRAWN")
    assert told["facts"] == {"purpose": purpose}
    assert "жеке куәлігіңізді көрсетіңіз" in told["detail"]


async def test_a_withdrawn_consent_closes_every_way_with_a_qr_and_never_care(
    client: Any, resources: Resources, owner: Owner
) -> None:
    number, shown = iin("90010130001"), await own_code(resources, AIGUL)
    await owner.execute(
        "INSERT INTO registry.iin_claim VALUES ($1, $2)",
        resources.keyring.lookup("iin", number),
        AIGUL,
    )
    await owner.execute(
        "INSERT INTO registry.attachment VALUES ($1, $2, $3, '2026-04-01')", AIGUL, CLINIC, FACILITY
    )
    async with (
        client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as desk,
        client(Role.INSURED, person_id=AIGUL) as aigul,
        client(Role.INSURED, person_id=BOLAT) as bolat,
    ):
        code = {"code": (await desk.post(f"/api/v1/facilities/{FACILITY}/code")).json()["code"]}
        withdrawal = {"purposes": ["QR_VISITS"]}
        assert (await aigul.post(f"{CONSENTS}/withdrawals", json=withdrawal)).status_code < 300
        require_told(await aigul.post("/api/v1/visits", json=code), "QR_VISITS")
        require_told(await aigul.post("/api/v1/visits/personal-code"), "QR_VISITS")
        here = {"facility_id": str(FACILITY)}
        # a code made while the consent stood
        require_told(await desk.post(DESK, json={**here, "code": shown}), "QR_VISITS")
        assert (await bolat.post("/api/v1/visits", json=code)).status_code == 201
        visit = await desk.post(DESK, json={**here, "iin": number})
        assert (visit.status_code, visit.json()["grade"]) == (201, "NONE")
        assert (await aigul.post(CONSENTS, json={"purpose": "QR_VISITS"})).status_code < 300
        assert (await aigul.post("/api/v1/visits/personal-code")).status_code == 201
        again = await aigul.post("/api/v1/visits", json=code)
        assert again.json()["code"] == "DUPLICATE_VISIT"


async def test_biometrics_have_a_consent_of_their_own(
    client: Any, clock: FixedClock, owner: Owner
) -> None:
    session = await finished_session(owner, clock)
    async with (
        client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as desk,
        client(Role.INSURED, person_id=AIGUL) as aigul,
    ):
        code = (await desk.post(f"/api/v1/facilities/{FACILITY}/code")).json()["code"]
        withdrawal = {"purposes": ["BIOMETRICS"]}
        assert (await aigul.post(f"{CONSENTS}/withdrawals", json=withdrawal)).status_code < 300
        require_told(await aigul.post("/api/v1/visits/biometrics"), "BIOMETRICS")
        with_face = {"code": code, "biometric_session_id": str(session)}
        require_told(await aigul.post("/api/v1/visits", json=with_face), "BIOMETRICS")
        visit = await aigul.post("/api/v1/visits", json={"code": code})
    assert (visit.status_code, visit.json()["grade"]) == (201, "QR_ONLY")
