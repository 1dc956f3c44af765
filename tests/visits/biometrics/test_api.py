"""The biometric hook over HTTP: started with the provider, ended once by its signed callback."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
import respx
from litestar import Litestar

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.sources.biometrics.signed_json import sign
from tests.visits.conftest import AIGUL, Owner

pytestmark = pytest.mark.usefixtures("citizens")
KEY = "provider-key"
PROVIDER = "http://bio.test/sessions"


@pytest.fixture
async def resources(resources: Resources) -> Resources:
    config = msgspec.structs.replace(
        resources.config, biometrics_url="http://bio.test", biometrics_key=KEY
    )
    return msgspec.structs.replace(resources, config=config)


@pytest.fixture
async def provider() -> AsyncIterator[respx.MockRouter]:
    """The provider's side; calls of our own application pass through."""
    with respx.mock(assert_all_called=False) as router:
        router.route(host="saqtau.test").pass_through()
        router.post(PROVIDER).respond(201, json={"provider_url": "http://bio.test/s/1"})
        yield router


def result(session_id: str, **changes: Any) -> bytes:
    return json.dumps(
        {
            "session_id": session_id,
            "outcome": "MATCH",
            "liveness": True,
            "score_milli": 980,
            "evidence_sha256": "ab" * 32,
            **changes,
        }
    ).encode()


async def call_back(
    http: httpx.AsyncClient, clock: FixedClock, body: bytes, *, key: str = KEY, age_s: int = 0
) -> httpx.Response:
    stamp = str(int(clock.now().timestamp()) - age_s)
    headers = {
        "content-type": "application/json",
        "x-timestamp": stamp,
        "x-signature": sign(key, stamp, body),
    }
    return await http.post("/api/v1/biometrics/callbacks", content=body, headers=headers)


async def start(client: Any) -> str:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        answer = await http.post("/api/v1/visits/biometrics")
    assert answer.status_code == 201
    return str(answer.json()["session_id"])


async def test_a_session_starts_and_ends_with_a_result(
    client: Any, clock: FixedClock, provider: respx.MockRouter, owner: Owner, app: Litestar
) -> None:
    session = await start(client)
    sent = json.loads(provider.calls.last.request.content)
    assert sent["session_id"] == session
    assert sent["callback_url"].endswith("/api/v1/biometrics/callbacks")
    assert str(AIGUL) not in provider.calls.last.request.content.decode()
    async with client() as http:
        answer = await call_back(http, clock, result(session))
    assert (answer.status_code, answer.json()["repeated"]) == (200, False)
    row = await owner.fetchrow("SELECT * FROM visits.biometric_session")
    assert row is not None
    assert (row["outcome"], row["liveness"], row["score_milli"]) == ("MATCH", True, 980)
    assert row["finished_at"] == clock.now()


async def test_a_hundred_callbacks_have_one_effect_and_another_result_is_refused(
    client: Any, clock: FixedClock, provider: respx.MockRouter, owner: Owner
) -> None:
    session = await start(client)
    async with client() as http:
        answers = await asyncio.gather(
            *(call_back(http, clock, result(session)) for _ in range(40))
        )
        assert {a.status_code for a in answers} == {200}
        assert sum(not a.json()["repeated"] for a in answers) == 1
        other = await call_back(http, clock, result(session, outcome="NO_MATCH"))
    assert (other.status_code, other.json()["code"]) == (409, "CALLBACK_CONFLICT")
    assert await owner.fetchval("SELECT outcome FROM visits.biometric_session") == "MATCH"


@pytest.mark.parametrize(
    ("key", "age_s", "status", "code"),
    [
        ("wrong", 0, 401, "CALLBACK_UNSIGNED"),
        (KEY, 301, 401, "CALLBACK_UNSIGNED"),
        (KEY, -301, 401, "CALLBACK_UNSIGNED"),
    ],
)
async def test_unsigned_or_old_callbacks_change_nothing(
    client: Any,
    clock: FixedClock,
    provider: respx.MockRouter,
    owner: Owner,
    key: str,
    age_s: int,
    status: int,
    code: str,
) -> None:
    session = await start(client)
    async with client() as http:
        answer = await call_back(http, clock, result(session), key=key, age_s=age_s)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await owner.fetchval("SELECT outcome FROM visits.biometric_session") == "PENDING"


async def test_odd_signed_callbacks_are_told_what_is_wrong(
    client: Any, clock: FixedClock, provider: respx.MockRouter
) -> None:
    session = await start(client)
    unknown = "01980000-0000-7000-8000-00000000dead"
    async with client() as http:
        for body, status in (
            (result(unknown), 404),
            (result(session, score_milli=1001), 422),
            (result(session, photo="…"), 422),
            (result(session, evidence_sha256="zz"), 422),
            (b"{", 400),
        ):
            assert (await call_back(http, clock, body)).status_code == status


async def test_a_silent_provider_is_said_so(client: Any, provider: respx.MockRouter) -> None:
    provider.post(PROVIDER).mock(side_effect=httpx.ConnectError("down"))
    async with client(Role.INSURED, person_id=AIGUL) as http:
        answer = await http.post("/api/v1/visits/biometrics")
    assert (answer.status_code, answer.json()["code"]) == (503, "SOURCE_UNAVAILABLE")
    assert "retry-after" in answer.headers


async def test_only_citizens_start_sessions(client: Any) -> None:
    async with client() as http:
        assert (await http.post("/api/v1/visits/biometrics")).status_code == 401
    async with client(Role.EXECUTOR_OPERATOR, bin="100140000003") as http:
        assert (await http.post("/api/v1/visits/biometrics")).status_code == 403
