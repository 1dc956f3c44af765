"""How often one may ask for challenges and sign in: 429 with Retry-After, whatever headers are forged."""

from datetime import timedelta
from typing import Any

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.signing.login import service
from backend.web.limits import TEN_MINUTES, Limit, count
from infra.sandbox.nca.keypair import KeyPair
from tests.signing.login.conftest import CLINIC, OTHER_CLINIC, Issue, challenge, sign_in, signed

CHALLENGES, SESSIONS = "/api/v1/login/challenges", "/api/v1/login/sessions"
HERE = "127.0.0.1"


async def asked(resources: Resources, limit: Limit, whose: str, times: int) -> None:
    for _ in range(times):
        await count(resources, (limit, whose))


@pytest.mark.parametrize(
    ("language", "title"),
    [("kk", "Сұраулар тым жиі"), ("ru", "Слишком много запросов"), ("en", "Too many requests")],
)
async def test_one_address_asks_for_so_many_challenges(
    client: Any, resources: Resources, clock: FixedClock, language: str, title: str
) -> None:
    await asked(resources, service.CHALLENGES, HERE, service.CHALLENGES.most - 1)
    async with client() as http:
        assert (await http.post(CHALLENGES)).status_code == 201
        for forged in ("10.0.0.1", "10.0.0.2"):  # FAULTS 13
            headers = {"accept-language": language, "x-forwarded-for": forged, "x-real-ip": forged}
            refused = await http.post(CHALLENGES, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
            assert refused.json()["title"] == title
            assert 1 <= int(refused.headers["retry-after"]) <= TEN_MINUTES.total_seconds()
        clock.advance(timedelta(seconds=int(refused.headers["retry-after"])))
        assert (await http.post(CHALLENGES)).status_code == 201


async def test_one_challenge_is_not_tried_without_end(
    client: Any, resources: Resources, head: KeyPair
) -> None:
    await asked(resources, service.TRIES, HERE, service.TRIES.most - 1)
    async with client() as http:
        challenge_id, document = await challenge(http)
        body = {"challenge_id": challenge_id, "signature": "AAAA"}
        assert (await http.post(SESSIONS, json=body)).status_code == 422
        refused = await http.post(SESSIONS, json=body | {"signature": signed(head, document)})
        assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        assert refused.headers["retry-after"]


async def test_one_organisation_signs_in_so_often_and_others_are_not_held_up(
    client: Any, resources: Resources, issue: Issue, head: KeyPair
) -> None:
    await asked(resources, service.SIGN_INS, CLINIC, service.SIGN_INS.most)
    async with client() as http:
        refused = await sign_in(http, head)
        assert (refused.status_code, refused.json()["code"]) == (429, "TOO_MANY_REQUESTS")
        assert refused.headers["retry-after"]
        assert (await sign_in(http, issue(OTHER_CLINIC, "head"))).status_code == 201
