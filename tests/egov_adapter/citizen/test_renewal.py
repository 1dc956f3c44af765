"""A citizen's session in short tokens: renewed by words that serve once; a copied word ends it all (ADR 0021)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backend.egov_adapter.citizen import service
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.consent import service as consents
from backend.registry.consent.model import Purpose, WithdrawConsents
from backend.signing.login import service as login
from tests.egov_adapter.conftest import AIGUL_IIN, AIGUL_PHONE, Outside, waiting_jobs
from tests.visits.conftest import AIGUL, Owner, citizen

WHO = {"iin": AIGUL_IIN, "phone": AIGUL_PHONE}
SESSIONS, RENEWALS = "/api/v1/citizen/sessions", "/api/v1/citizen/sessions/renewals"
MINE = "/api/v1/citizen/visits"
QUARTER = timedelta(minutes=15)


class Phone:
    """A client of the citizens' API, honest or not."""

    def __init__(self, http: httpx.AsyncClient, session: dict[str, Any]) -> None:
        self.http, self.session = http, session

    async def reads(self, token: str | None = None) -> int:
        bearer = {"authorization": f"Bearer {token or self.session['token']}"}
        return (await self.http.get(MINE, headers=bearer)).status_code

    async def renews(self, word: str | None = None) -> httpx.Response:
        return await self.http.post(RENEWALS, json={"renewal": word or self.session["renewal"]})

    async def goes_on(self) -> str:
        """Renew as one should; the word that was used up."""
        used = str(self.session["renewal"])
        answer = await self.renews()
        assert answer.status_code == 201, answer.text
        assert answer.headers["cache-control"] == "no-store"
        self.session = answer.json()
        return used


@pytest.fixture
async def phone(client: Any, resources: Resources, outside: Outside) -> AsyncIterator[Phone]:
    """Aigul has signed in at 09:00."""
    async with client() as http:
        await http.post("/api/v1/citizen/otp", json=WHO)
        [payload] = await waiting_jobs(resources)
        await service.send_otp(resources, payload)
        opened = await http.post(SESSIONS, json=WHO | {"code": outside.code(AIGUL_PHONE)})
        yield Phone(http, opened.json())


async def closed(owner: Owner) -> Counter[bool]:
    rows = await owner.fetch("SELECT closed_at IS NOT NULL AS over FROM signing.session")
    return Counter(row["over"] for row in rows)


async def test_a_quarter_of_an_hour_then_renewed_and_after_an_hour_over(
    phone: Phone, clock: FixedClock, owner: Owner
) -> None:
    first = phone.session["token"]
    clock.advance(QUARTER - timedelta(seconds=1))
    assert await phone.reads() == 200
    clock.advance(timedelta(seconds=1))
    assert await phone.reads() == 401
    for _ in range(3):
        await phone.goes_on()
        assert await phone.reads() == 200
        clock.advance(QUARTER)
    assert phone.session["expires_at"] == phone.session["renewable_until"] == "2026-04-06T05:00:00Z"
    over = await phone.renews()
    assert (over.status_code, over.json()["code"]) == (401, "RENEWAL_REFUSED")
    assert await phone.reads(first) == 401
    stored = str(await owner.fetch("SELECT * FROM signing.renewal, signing.session"))
    assert phone.session["renewal"] not in stored
    assert phone.session["token"] not in stored


async def test_an_old_token_is_closed_by_its_renewal_in_every_process(
    phone: Phone, resources: Resources, owner: Owner
) -> None:
    old = phone.session["token"]
    await phone.goes_on()
    login._recent.__init__()  # type: ignore[misc]  # another process has not seen it lately
    assert (await phone.reads(old), await phone.reads()) == (401, 200)
    assert await closed(owner) == {True: 1, False: 1}


async def test_a_lost_answer_is_given_again_for_ten_seconds(
    phone: Phone, clock: FixedClock
) -> None:
    word = phone.session["renewal"]
    answers = await asyncio.gather(*(phone.renews(word) for _ in range(20)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    clock.advance(timedelta(seconds=10))
    assert (await phone.renews(word)).content == answers[0].content
    phone.session = answers[0].json()
    await phone.goes_on()
    assert await phone.reads() == 200


@pytest.mark.parametrize("late", [timedelta(seconds=11), timedelta()], ids=["later", "overtaken"])
async def test_a_stolen_word_ends_the_session_of_thief_and_owner(
    phone: Phone, clock: FixedClock, owner: Owner, late: timedelta
) -> None:
    thief = Phone(phone.http, dict(phone.session))
    stolen = await thief.goes_on()
    if not late:
        await thief.goes_on()  # at once, so that the owner's word seems merely late
    clock.advance(late)
    refused = await phone.renews(stolen)
    assert (refused.status_code, refused.json()["code"]) == (401, "RENEWAL_REFUSED")
    assert await thief.reads() == 401
    assert (await thief.renews()).status_code == 401
    assert False not in await closed(owner)
    told = "SELECT count(*) FROM kernel.event WHERE kind = 'SessionFamilyEnded'"
    assert await owner.fetchval(told) == 1
    for _ in range(3):
        assert (await phone.renews(stolen)).status_code == 401
    assert await owner.fetchval(told) == 1


async def test_signed_out_or_withdrawn_nothing_is_renewed(
    phone: Phone, resources: Resources
) -> None:
    bearer = {"authorization": f"Bearer {phone.session['token']}"}
    assert (await phone.http.delete("/api/v1/login/session", headers=bearer)).status_code == 204
    assert (await phone.renews()).status_code == 401


async def test_withdrawn_consent_ends_the_renewals(phone: Phone, resources: Resources) -> None:
    await phone.goes_on()
    await consents.withdraw(resources, citizen(AIGUL), WithdrawConsents([Purpose.EGOV]))
    assert (await phone.renews()).status_code == 401


async def test_what_renews_nothing(phone: Phone) -> None:
    for word in (phone.session["token"], phone.session["renewal"][:-1], "A" * 43):
        refused = await phone.renews(word)
        assert (refused.status_code, refused.json()["code"]) == (401, "RENEWAL_REFUSED")
    # what renews reads nothing
    assert await phone.reads(phone.session["renewal"]) == 401
    for body in ({}, {"renewal": ""}, {"renewal": "x" * 101}, {"renewal": 1}, []):
        assert (await phone.http.post(RENEWALS, json=body)).status_code == 422
    assert await phone.reads() == 200
