"""Abuse of the citizens' doors, with the numbers of FAULTS 11-13; and stolen, replayed and foisted sessions."""

import json
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from backend.egov_adapter.citizen import rules, service
from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from tests.conftest import open_session
from tests.egov_adapter.conftest import (
    AIGUL_IIN,
    AIGUL_PHONE,
    BOLAT_IIN,
    BOLAT_PHONE,
    Outside,
    waiting_jobs,
)
from tests.visits.conftest import AIGUL, BOLAT, Owner

OTP, SESSIONS, MINE = "/api/v1/citizen/otp", "/api/v1/citizen/sessions", "/api/v1/citizen/visits"
WHO = {"iin": AIGUL_IIN, "phone": AIGUL_PHONE}
SIZES = [pytest.param(40, id="40"), pytest.param(1_000, marks=pytest.mark.prove, id="1000")]


def forged(n: int) -> dict[str, str]:
    """Headers of somebody who wants to be a new guest each time."""
    address = ".".join(str(random.Random(n * 4 + k).randrange(1, 255)) for k in range(4))
    return {
        "x-forwarded-for": address,
        "x-real-ip": address,
        "forwarded": f"for={address}",
        "cf-connecting-ip": address,
        "authorization": f"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiI{n}In0.",
        "cookie": f"session={n}",
    }


@pytest.mark.parametrize("times", SIZES)
async def test_a_flood_sends_five_messages_and_forged_headers_move_nothing(
    times: int, client: Any, resources: Resources, outside: Outside, clock: FixedClock
) -> None:
    """FAULTS 12 and 13: the same point of refusal with and without forgery, and always Retry-After."""
    points = []
    for headers in (lambda _: {}, forged):
        statuses = []
        async with client() as http:
            for n in range(times):
                answer = await http.post(OTP, json=WHO, headers=headers(n))
                statuses.append(answer.status_code)
                if answer.status_code == 429:
                    assert 0 < int(answer.headers["retry-after"]) <= 600
        assert Counter(statuses) == {202: 5, 429: times - 5}
        points.append(statuses.index(429))
        clock.advance(timedelta(minutes=10))
    assert points == [5, 5]
    for payload in await waiting_jobs(resources):
        await service.send_otp(resources, payload)
    assert len(outside.sent) <= 5


@pytest.mark.parametrize("times", SIZES)
async def test_guesses_through_the_door_are_five_a_code_then_the_right_one_is_refused(
    times: int, client: Any, resources: Resources, outside: Outside
) -> None:
    """FAULTS 11: odds of guessing one code are 5 in a million, however many try from however many places."""
    assert rules.MAX_TRIES / 10**rules.OTP_DIGITS <= 5e-6
    async with client() as http:
        await http.post(OTP, json=WHO)
        [payload] = await waiting_jobs(resources)
        await service.send_otp(resources, payload)
        right = outside.code(AIGUL_PHONE)
        wrong = [f"{n:06}" for n in range(times) if f"{n:06}" != right]
        codes = Counter()
        for n, code in enumerate(wrong):
            answer = await http.post(SESSIONS, json=WHO | {"code": code}, headers=forged(n))
            codes[answer.json()["code"]] += 1
        assert codes["OTP_INVALID"] <= rules.MAX_TRIES
        assert codes.keys() <= {"OTP_INVALID", "OTP_FROZEN", "TOO_MANY_REQUESTS"}, codes
        late = await http.post(SESSIONS, json=WHO | {"code": right})
        assert late.status_code == 429
        assert int(late.headers["retry-after"]) > 0


async def test_a_code_and_a_token_serve_once_and_only_as_they_were_given(
    client: Any, resources: Resources, outside: Outside, owner: Owner, clock: FixedClock
) -> None:
    async with client() as http:
        await http.post(OTP, json=WHO)
        [payload] = await waiting_jobs(resources)
        await service.send_otp(resources, payload)
        body = WHO | {"code": outside.code(AIGUL_PHONE)}
        # fixation: whatever name a session is offered under, the service gives it one of its own
        foisted = {"authorization": "Bearer chosen-by-me", "cookie": "session=chosen-by-me"}
        opened = await http.post(SESSIONS, json=body, headers=foisted)
        token = opened.json()["token"]
        assert opened.status_code == 201
        assert opened.headers["cache-control"] == "no-store"
        assert "set-cookie" not in opened.headers
        assert len(token) >= 43, "32 random octets"
        assert (await http.get(MINE, headers=foisted)).status_code == 401
        # replay: the code has served
        assert (await http.post(SESSIONS, json=body)).status_code == 401

        async def status(**how: Any) -> int:
            return int((await http.get(MINE, **how)).status_code)

        assert await status(headers={"authorization": f"Bearer {token}"}) == 200
        # theft: what stands in the database opens nothing, nor does a token where logs would keep it
        stored = await owner.fetchval("SELECT token_sha256 FROM signing.session")
        for stolen in (stored.hex(), token[:-1], token + "A", token.swapcase(), ""):
            assert await status(headers={"authorization": f"Bearer {stolen}"}) == 401
        assert await status(params={"token": token, "access_token": token}) == 401
        assert await status(headers={"cookie": f"session={token}; token={token}"}) == 401
        assert token not in json.dumps(
            [dict(row) for row in await owner.fetch("SELECT * FROM signing.session")], default=str
        )
        # signed out, and over: nothing
        out = await http.delete(
            "/api/v1/login/session", headers={"authorization": f"Bearer {token}"}
        )
        assert out.status_code == 204
        assert await status(headers={"authorization": f"Bearer {token}"}) == 401
    short = await open_session(resources, Role.INSURED, person_id=AIGUL)
    clock.advance(timedelta(minutes=60))
    async with client() as http:
        late = await http.get(MINE, headers={"authorization": f"Bearer {short}"})
        assert late.status_code == 401


async def test_signing_in_again_changes_nobodys_session(
    client: Any, resources: Resources, outside: Outside
) -> None:
    async def sign_in(http: Any, iin: str, phone: str) -> dict[str, str]:
        who = {"iin": iin, "phone": phone}
        await http.post(OTP, json=who)
        for payload in await waiting_jobs(resources):
            await service.send_otp(resources, payload)
        opened = await http.post(SESSIONS, json=who | {"code": outside.code(phone)})
        return {"authorization": f"Bearer {opened.json()['token']}"}

    async with client() as http:
        aigul = await sign_in(http, AIGUL_IIN, AIGUL_PHONE)
        bolat = await sign_in(http, BOLAT_IIN, BOLAT_PHONE)
        assert aigul != bolat
        complaint = {"kind": "ISSUER", "text": "Айгүлдің шағымы"}
        await http.post("/api/v1/citizen/complaints", json=complaint, headers=aigul)
        lists = [
            (await http.get("/api/v1/citizen/complaints", headers=h)).json()["items"]
            for h in (aigul, bolat)
        ]
    assert [len(items) for items in lists] == [1, 0]
    assert AIGUL != BOLAT
