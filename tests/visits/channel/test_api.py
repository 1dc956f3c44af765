"""Without consent no QR and no biometrics, and the person is told why; care and the account go on (D43)."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from backend.visits.channel import service as channels
from tests.conftest import BOTH_WAYS
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

pytestmark = [BOTH_WAYS, pytest.mark.usefixtures("clinics", "citizens")]
DESK = "/api/v1/visits/desk"


async def withdraw(resources: Resources, person_id: UUID = AIGUL) -> None:
    """As the citizens' side does it: under its own role, in its own transaction; twice is once."""
    async with resources.db.egov.transaction() as tx:
        for _ in range(2):
            await channels.close(tx, person_id, at=resources.clock.now())


async def wall_code(client: Any) -> str:
    async with client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as desk:
        return str((await desk.post(f"/api/v1/facilities/{FACILITY}/code")).json()["code"])


async def test_every_digital_way_is_closed_and_says_why(client: Any, resources: Resources) -> None:
    code, shown = await wall_code(client), await own_code(resources, AIGUL)
    await withdraw(resources)

    def require_told(answer: httpx.Response) -> None:
        assert (answer.status_code, answer.json()["code"]) == (403, "CHANNELS_CLOSED")
        assert "жеке куәлік" in answer.json()["detail"]

    async with client(Role.INSURED, person_id=AIGUL) as aigul:
        require_told(await aigul.post("/api/v1/visits", json={"code": code}))
        require_told(await aigul.post("/api/v1/visits/personal-code"))
        require_told(await aigul.post("/api/v1/visits/biometrics"))
        assert (await aigul.get("/api/v1/visits")).json()["items"] == []
    async with client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as desk:
        # a code made while consent stood
        body = {"facility_id": str(FACILITY), "code": shown}
        require_told(await desk.post(DESK, json=body))
    async with client(Role.INSURED, person_id=BOLAT) as bolat:
        assert (await bolat.post("/api/v1/visits", json={"code": code})).status_code == 201


async def test_care_goes_on_as_a_case_without_qr_and_consent_opens_the_channels_again(
    client: Any, resources: Resources, owner: Owner
) -> None:
    code = await wall_code(client)
    number = iin("90010130001")
    await owner.execute(
        "INSERT INTO registry.iin_claim VALUES ($1, $2)",
        resources.keyring.lookup("iin", number),
        AIGUL,
    )
    await owner.execute(
        "INSERT INTO registry.attachment VALUES ($1, $2, $3, '2026-04-01')", AIGUL, CLINIC, FACILITY
    )
    await withdraw(resources)
    async with client(Role.EXECUTOR_OPERATOR, bin=CLINIC_BIN) as desk:
        body = {"facility_id": str(FACILITY), "iin": number}
        visit = await desk.post(DESK, json=body)
    assert (visit.status_code, visit.json()["grade"]) == (201, "NONE")
    async with resources.db.egov.transaction() as tx:
        await channels.reopen(tx, AIGUL)
    async with client(Role.INSURED, person_id=AIGUL) as aigul:
        again = await aigul.post("/api/v1/visits", json={"code": code})
        assert (again.status_code, again.json()["code"]) == (409, "DUPLICATE_VISIT")
        assert (await aigul.post("/api/v1/visits/personal-code")).status_code == 201
