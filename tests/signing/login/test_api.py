"""Signing in with ECP: each challenge once, in time, for this origin, by a living certificate."""

import asyncio
import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import pytest

from backend.app.asgi import create_app
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.signing.login import service
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair, co_sign
from tests.conftest import MONDAY_MORNING
from tests.signing.login.conftest import (
    CLINIC,
    IIN,
    NAME,
    OTHER_CLINIC,
    Issue,
    challenge,
    sign_in,
    signed,
)

SESSIONS = "/api/v1/login/sessions"
SESSION = "/api/v1/login/session"


def refused(answer: Any, status: int, code: str) -> bool:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    return True


@pytest.mark.parametrize("detached", [True, False])
async def test_a_signed_challenge_opens_a_session(
    client: Any, head: KeyPair, detached: bool
) -> None:
    async with client() as http:
        answer = await sign_in(http, head, detached=detached)
        assert answer.status_code == 201
        assert answer.headers["cache-control"] == "no-store"
        opened = answer.json()
        assert opened["roles"] == ["executor_head"]
        bearer = {"authorization": f"Bearer {opened['token']}"}
        me = await http.get(SESSION, headers=bearer)
        assert me.json() == {"roles": ["executor_head"], "bin": CLINIC}


async def test_a_challenge_serves_once_also_in_parallel(client: Any, head: KeyPair) -> None:
    async with client() as http:
        challenge_id, document = await challenge(http)
        body = {"challenge_id": challenge_id, "signature": signed(head, document)}
        answers = await asyncio.gather(*(http.post(SESSIONS, json=body) for _ in range(12)))
        assert sorted(a.status_code for a in answers) == [201] + [401] * 11
        assert refused(await http.post(SESSIONS, json=body), 401, "CHALLENGE_INVALID")


async def test_a_challenge_expires(client: Any, head: KeyPair, clock: FixedClock) -> None:
    life = timedelta(minutes=service.CHALLENGE_MINUTES)
    async with client() as http:
        for wait, status in ((life - timedelta(microseconds=1), 201), (life, 401)):
            clock.set(MONDAY_MORNING)
            challenge_id, document = await challenge(http)
            clock.advance(wait)
            body = {"challenge_id": challenge_id, "signature": signed(head, document)}
            assert (await http.post(SESSIONS, json=body)).status_code == status


async def test_a_challenge_of_another_origin_is_none(
    client: Any, resources: Resources, head: KeyPair
) -> None:
    async with client() as http:
        challenge_id, document = await challenge(http)
    assert b'"origin":"http://127.0.0.1:8080"' in document
    elsewhere = msgspec.structs.replace(
        resources,
        config=msgspec.structs.replace(resources.config, public_url="https://elsewhere.kz"),
    )
    app = create_app(elsewhere.config, elsewhere)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        body = {"challenge_id": challenge_id, "signature": signed(head, document)}
        assert refused(await http.post(SESSIONS, json=body), 401, "CHALLENGE_INVALID")


async def test_what_signs_nothing_we_asked_for_is_refused(
    client: Any, head: KeyPair, issue: Issue
) -> None:
    async with client() as http:
        challenge_id, document = await challenge(http)
        _, of_another = await challenge(http)
        good = base64.b64decode(signed(head, document))
        stranger = Centre.create(b"another centre", MONDAY_MORNING).issue_legal(
            IIN, CLINIC, NAME, "ТОО", "head", MONDAY_MORNING
        )
        two = co_sign(document, [head, issue(OTHER_CLINIC, "head")], at=MONDAY_MORNING)
        flipped = bytearray(good)
        flipped[-5] ^= 1
        attempts = {
            "another challenge's bytes": head.sign_cms(of_another, at=MONDAY_MORNING),
            "attached other bytes": head.sign_cms(b"{}", detached=False, at=MONDAY_MORNING),
            "another centre's key": stranger.sign_cms(document, at=MONDAY_MORNING),
            "a changed signature": bytes(flipped),
            "two signers": two,
            "no CMS": b"0" * 100,
            "nothing": b"",
        }
        for what, cms in attempts.items():
            body = {
                "challenge_id": challenge_id,
                "signature": base64.b64encode(cms).decode(),
            }
            assert refused(await http.post(SESSIONS, json=body), 422, "SIGNATURE_INVALID"), what
        for odd in ("not base64!", "é", "AA=A"):
            body = {"challenge_id": challenge_id, "signature": odd}
            assert refused(await http.post(SESSIONS, json=body), 422, "DOCUMENT_MALFORMED")
        body = {"challenge_id": str(uuid4()), "signature": signed(head, document)}
        assert refused(await http.post(SESSIONS, json=body), 401, "CHALLENGE_INVALID")
        body["challenge_id"] = challenge_id  # none of these attempts used the challenge up
        assert (await http.post(SESSIONS, json=body)).status_code == 201


async def test_a_certificate_that_is_over_opens_nothing(
    client: Any, nca: Centre, clock: FixedClock
) -> None:
    old = nca.issue_legal(IIN, CLINIC, NAME, "ТОО", "head", MONDAY_MORNING - timedelta(days=366))
    async with client() as http:
        answer = await sign_in(http, old)
    assert refused(answer, 422, "SIGNATURE_INVALID")
    assert answer.json()["facts"] == {"reason": "EXPIRED"}


async def test_a_session_ends_with_its_time_and_with_signing_out(
    client: Any, head: KeyPair, clock: FixedClock, resources: Resources
) -> None:
    async with client() as http:
        tokens = [(await sign_in(http, head)).json()["token"] for _ in range(2)]
        one, two = ({"authorization": f"Bearer {t}"} for t in tokens)
        assert (await http.delete(SESSION, headers=one)).status_code == 204
        assert refused(await http.get(SESSION, headers=one), 401, "UNAUTHENTICATED")
        assert (await http.get(SESSION, headers=two)).status_code == 200
        clock.advance(timedelta(minutes=resources.config.session_minutes) - timedelta(seconds=1))
        assert (await http.get(SESSION, headers=two)).status_code == 200
        clock.advance(timedelta(seconds=1))
        assert refused(await http.get(SESSION, headers=two), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer " + "x" * 5000, b"Bearer \xff", "x"],
)
async def test_nonsense_is_no_session(client: Any, header: Any) -> None:
    async with client() as http:
        answer = await http.get(SESSION, headers={"authorization": header})
        assert refused(answer, 401, "UNAUTHENTICATED")


async def test_the_token_is_stored_nowhere(
    client: Any, head: KeyPair, owner: asyncpg.Connection
) -> None:
    async with client() as http:
        challenge_id, document = await challenge(http)
        body = {"challenge_id": challenge_id, "signature": signed(head, document)}
        headers = {"idempotency-key": "k"}
        token = (await http.post(SESSIONS, json=body, headers=headers)).json()["token"]
    tables = await owner.fetch(
        "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace IN ('signing'::regnamespace, 'web'::regnamespace,"
        " 'kernel'::regnamespace, 'jobs'::regnamespace)"
    )
    assert len(tables) > 5
    for table in tables:
        rows = await owner.fetch(f"SELECT t::text AS row FROM {table['name']} t")
        for row in rows:
            assert token not in row["row"]
            assert token.encode().hex() not in row["row"]
            assert IIN not in row["row"]


async def test_challenges_that_are_over_are_forgotten(
    client: Any, resources: Resources, clock: FixedClock, owner: asyncpg.Connection
) -> None:
    async with client() as http:
        await challenge(http)
    await service.sweep_challenges(resources)
    assert await owner.fetchval("SELECT count(*) FROM signing.challenge") == 1
    clock.advance(timedelta(hours=2))
    await service.sweep_challenges(resources)
    assert await owner.fetchval("SELECT count(*) FROM signing.challenge") == 0
