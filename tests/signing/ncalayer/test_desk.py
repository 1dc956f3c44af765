"""docs/signing.md, walked through: one clinic signs with NCALayer, a phone, and a key file of its own."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backend.kernel.resources import Resources
from backend.signing.certificate import pkcs12
from backend.signing.cms import build
from infra.sandbox.app import create_sandbox
from infra.sandbox.desk import PASSWORD
from infra.sandbox.nca.centre import Centre
from infra.sandbox.people import BIN, IIN, ROLES
from infra.sandbox.state import Sandbox
from tests.conftest import MONDAY_MORNING
from tests.serving import serving
from tests.signing.egov_qr.conftest import offer
from tests.signing.ncalayer.test_stand_in import Client, question

CHALLENGES, SESSIONS = "/api/v1/login/challenges", "/api/v1/login/sessions"
PACKAGES = "/api/v1/egov-qr/packages"


@pytest.fixture
def sandbox(nca: Centre) -> Sandbox:
    found = Sandbox(nca)
    found.set_clock(
        MONDAY_MORNING - timedelta(minutes=1)
    )  # its keys are valid by the service's clock
    return found


@pytest.fixture
async def desk(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """The stand-ins on real ports, as `saqtau sandbox --ncalayer` serves them."""
    async with (
        serving(create_sandbox(sandbox, ncalayer_port=0), lifespan="on") as server,
        httpx.AsyncClient(base_url=server.url, trust_env=False) as http,
    ):
        yield http


@pytest.fixture
async def http(service: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=service, trust_env=False) as client:
        yield client


async def holder(desk: httpx.AsyncClient, role: str) -> dict[str, Any]:
    found = {one["role"]: one for one in (await desk.get("/people")).json()}
    assert tuple(sorted(found)) == tuple(sorted(ROLES))
    one: dict[str, Any] = found[role]
    return one


async def test_with_ncalayer(
    desk: httpx.AsyncClient, http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    finance = await holder(desk, "finance")
    sat = await desk.put("/ncalayer", json={"serial": finance["serial"], "moods": ["cancel"]})
    assert sat.status_code == 200
    socket = await Client.to(sandbox.switches["ncalayer"])
    assert (await socket.receive())["result"]["version"]
    asked = (await http.post(CHALLENGES)).json()
    assert await socket.ask(question(asked["document"])) == {"status": True}  # cancelled, as told
    reply = await socket.ask(question(asked["document"]))
    body = {"challenge_id": asked["challenge_id"], "signature": reply["body"]["result"][0]}
    opened = await http.post(SESSIONS, json=body)
    assert (opened.status_code, opened.json()["roles"]) == (201, ["executor_accountant"])
    await socket.close()


async def test_with_a_phone(
    desk: httpx.AsyncClient, http: httpx.AsyncClient, resources: Resources
) -> None:
    head = await holder(desk, "head")
    asked = (await http.post("/api/v1/egov-qr/logins")).json()
    for text in (asked["qr_text"], asked["links"]["egov_mobile"]):
        seen = await desk.post("/phone/scan", json={"text": text})
        assert seen.json()["introduction"]["organisation"]
    signed = await desk.post(
        "/phone/sign", json={"text": asked["qr_text"], "serial": head["serial"]}
    )
    assert (signed.status_code, signed.json()) == (200, {"answer": "success"})
    guest = {"authorization": f"Bearer {asked['watch_token']}"}
    proof = (await http.get(f"{PACKAGES}/{asked['package_id']}/signed", headers=guest)).json()
    body = {name: proof[name] for name in ("challenge_id", "signature")}
    opened = await http.post(SESSIONS, json=body)
    bearer = {"authorization": f"Bearer {opened.json()['token']}"}
    offered = (await http.post(PACKAGES, json=offer(), headers=bearer)).json()
    employee = await holder(desk, "employee")
    refused = await desk.post(
        "/phone/sign", json={"text": offered["qr_text"], "serial": employee["serial"]}
    )
    assert refused.status_code == 403
    assert refused.json()["message"]
    signed = await desk.post(
        "/phone/sign", json={"text": offered["qr_text"], "serial": head["serial"]}
    )
    assert signed.json() == {"answer": "success"}
    state = await http.get(f"{PACKAGES}/{offered['package_id']}", headers=bearer)
    assert state.json()["status"] == "SIGNED"


async def test_with_a_key_file(desk: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    for role, seat in (("information_system", "executor_system"), ("individual", "executor_head")):
        one = await holder(desk, role)
        raw = (await desk.get(f"/people/{one['serial']}/key.p12")).content
        key, (certificate, *_) = pkcs12.read(raw, PASSWORD)
        asked = (await http.post(CHALLENGES)).json()
        signer = build.Signer(key, certificate, MONDAY_MORNING)
        cms = build.sign(base64.b64decode(asked["document"]), [signer])
        body = {
            "challenge_id": asked["challenge_id"],
            "signature": base64.b64encode(cms).decode(),
        }
        opened = await http.post(SESSIONS, json=body)
        assert (opened.status_code, opened.json()["roles"]) == (201, [seat])
    assert (await desk.get("/people/5/key.p12")).status_code == 404


async def test_what_the_desk_does_not_do(desk: httpx.AsyncClient) -> None:
    page = await desk.get("/desk")
    assert page.headers["content-type"].startswith("text/html")
    for text in ("mobileSign:http://egov.example/mgovSign", "https://example.org", "text"):
        assert (await desk.post("/phone/sign", json={"text": text})).status_code == 400
    gone = await desk.post("/phone/scan", json={"text": "mobileSign:http://127.0.0.1:9/mgovSign"})
    assert gone.status_code == 502
    assert (await desk.put("/ncalayer", json={"moods": ["sing"]})).status_code == 400
    assert (await desk.post("/people", json={"role": "king"})).status_code == 400
    added = await desk.post("/people", json={"role": "hr", "iin": IIN, "bin": BIN})
    assert added.status_code == 400
    other = await desk.post("/people", json={"role": "head", "algorithm": "rsa-sha256"})
    assert other.status_code == 201
