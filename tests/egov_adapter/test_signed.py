"""With real signatures: a citizen signs in with the own ECP key, the issuer's head answers a complaint."""

import base64
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import ISSUER_BIN
from tests.egov_adapter.conftest import AIGUL_IIN, NOBODYS_IIN
from tests.visits.conftest import AIGUL

SESSIONS = "/api/v1/citizen/sessions"


@pytest.fixture
def centre(clock: FixedClock) -> Centre:
    return Centre.create(b"tests of citizens", clock.now())


@pytest.fixture
async def resources(resources: Resources, centre: Centre, tmp_path: Path) -> Resources:
    """The sandbox centre is trusted."""
    centre.save(tmp_path)
    config = msgspec.structs.replace(resources.config, trust=str(tmp_path / "trust"))
    return msgspec.structs.replace(resources, config=config)


async def sign_in(http: Any, pair: KeyPair, clock: FixedClock) -> Any:
    challenge = (await http.post("/api/v1/login/challenges")).json()
    cms = pair.sign_cms(base64.b64decode(challenge["document"]), at=clock.now())
    body = {
        "challenge_id": challenge["challenge_id"],
        "signature": base64.b64encode(cms).decode(),
    }
    return await http.post(SESSIONS, json=body), body


async def test_a_citizen_signs_in_with_the_own_key_once(
    client: Any, centre: Centre, clock: FixedClock
) -> None:
    aigul = centre.issue_individual(AIGUL_IIN, "АХМЕТОВА АЙГҮЛ", clock.now())
    nobody = centre.issue_individual(NOBODYS_IIN, "БЕЙТАНЫС АДАМ", clock.now())
    head = centre.issue_legal(AIGUL_IIN, ISSUER_BIN, "АХМЕТОВА АЙГҮЛ", "ҚОР", "head", clock.now())
    async with client() as http:
        opened, body = await sign_in(http, aigul, clock)
        assert opened.status_code == 201, opened.text
        http.headers["authorization"] = f"Bearer {opened.json()['token']}"
        assert (await http.get("/api/v1/citizen/visits")).status_code == 200
        again = await http.post(SESSIONS, json=body)
        assert (again.status_code, again.json()["code"]) == (401, "CHALLENGE_INVALID")
        stranger, _ = await sign_in(http, nobody, clock)
        assert (stranger.status_code, stranger.json()["code"]) == (404, "INSURED_NOT_FOUND")
        organisation, _ = await sign_in(http, head, clock)
        assert (organisation.status_code, organisation.json()["code"]) == (401, "NOT_INDIVIDUAL")


async def test_the_head_answers_with_the_own_key_and_nobody_else_can(
    client: Any, centre: Centre, clock: FixedClock
) -> None:
    name = "ЖҰМАБАЕВ ЕРЛАН"
    head, signatory = (
        centre.issue_legal(AIGUL_IIN, ISSUER_BIN, name, "ҚОР", role, clock.now())
        for role in ("head", "signatory")
    )
    async with client(Role.INSURED, person_id=AIGUL) as http:
        body = {"kind": "ISSUER", "text": "Анықтама берілмеді"}
        complaint = (await http.post("/api/v1/citizen/complaints", json=body)).json()
    path = f"/api/v1/complaints/{complaint['complaint_id']}/answer"
    document = msgspec.json.encode(
        {
            "operation": "complaint.answer",
            "complaint_id": complaint["complaint_id"],
            "outcome": "SATISFIED",
            "text": "Анықтама жіберілді",
        }
    )

    def signed(pair: KeyPair, sent: bytes = document) -> dict[str, str]:
        cms = pair.sign_cms(document, at=clock.now())
        return {
            "document": base64.b64encode(sent).decode(),
            "signature": base64.b64encode(cms).decode(),
        }

    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        forged = await http.post(path, json=signed(head, document.replace(b"SATISFIED", b"DENIED")))
        assert forged.json()["code"] == "SIGNATURE_INVALID"
        other = await http.post(path, json=signed(signatory))
        assert other.json()["code"] == "NOT_SIGNER_OF_ORG"
        answered = await http.post(path, json=signed(head))
        assert answered.status_code == 201, answered.text
        assert answered.json()["status"] == "SATISFIED"
        again = await http.post(path, json=signed(head))
        assert (again.status_code, again.json()["code"]) == (409, "ALREADY_ANSWERED")
    async with client(Role.INSURED, person_id=AIGUL) as http:
        [own] = (await http.get("/api/v1/citizen/complaints")).json()["items"]
    assert (own["status"], own["answer"]) == ("SATISFIED", "Анықтама жіберілді")
