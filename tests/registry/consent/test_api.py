"""Consent over HTTP: given for a time, withdrawn at will; a closed channel loses its sessions at once."""

import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.consent import jobs, service
from backend.registry.consent.model import Purpose
from tests.conftest import open_session
from tests.visits.conftest import AIGUL, BOLAT, Owner, citizens

__all__ = ["citizens"]
pytestmark = pytest.mark.usefixtures("citizens")
CONSENTS = "/api/v1/citizen/consents"


async def stands(http: Any) -> dict[str, tuple[str, bool]]:
    answer = await http.get(CONSENTS, headers={"accept-language": "ru"})
    assert answer.status_code == 200, answer.text
    return {c["purpose"]: (c["state"], c["closed"]) for c in answer.json()}


async def test_given_for_a_time_expired_withdrawn_and_given_again(
    client: Any, clock: FixedClock, resources: Resources, owner: Owner
) -> None:
    async with client(Role.INSURED, person_id=AIGUL) as http:
        assert set((await stands(http)).values()) == {("NONE", False)}
        body = {"purpose": "QR_VISITS", "days": 1}
        assert (await http.post(CONSENTS, json=body)).status_code == 201
        assert (await stands(http))["QR_VISITS"] == ("GIVEN", False)
        too_long = await http.post(CONSENTS, json={"purpose": "QR_VISITS", "days": 366})
        assert too_long.status_code == 422
        left = await http.post(
            f"{CONSENTS}/withdrawals", json={"purposes": [p.value for p in Purpose]}
        )
        assert left.status_code == 201, left.text
        assert {c["state"] for c in left.json()} == {"WITHDRAWN"}
        await http.post(CONSENTS, json=body)
        assert (await stands(http))["QR_VISITS"] == ("GIVEN", False)
        said = (await http.get(f"{CONSENTS}/history")).json()["items"]
        assert [(w["purpose"], w["given"]) for w in said if w["purpose"] == "QR_VISITS"] == [
            ("QR_VISITS", True),
            ("QR_VISITS", False),
            ("QR_VISITS", True),
        ]
    now = clock.now() + timedelta(days=1)
    assert await service.closed(resources.db.visits, AIGUL, Purpose.QR_VISITS, now)
    assert not await service.closed(resources.db.visits, BOLAT, Purpose.QR_VISITS, now)
    events = await owner.fetch("SELECT kind, payload FROM kernel.event ORDER BY event_id")
    assert [e["kind"] for e in events] == [
        "ConsentGiven",
        *["ConsentWithdrawn"] * 5,
        "ConsentGiven",
    ]
    assert await owner.fetchval("SELECT count(*) FROM registry.person WHERE person_id = $1", AIGUL)
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("UPDATE registry.consent SET given = true")


async def test_withdrawing_a_channel_ends_its_sessions_and_no_other(
    client: Any, resources: Resources, owner: Owner
) -> None:
    async def session(person: Any, channel: str) -> dict[str, str]:
        token = await open_session(resources, Role.INSURED, person_id=person, channel=channel)
        return {"authorization": f"Bearer {token}"}

    bot, egov = await session(AIGUL, "BOT"), await session(AIGUL, "EGOV")
    strangers = await session(BOLAT, "BOT")
    async with client() as http:

        async def status(headers: dict[str, str]) -> int:
            return int((await http.get(CONSENTS, headers=headers)).status_code)

        assert [await status(h) for h in (bot, egov, strangers)] == [200, 200, 200]
        body = {"purposes": ["BOT"]}
        withdrawn = await http.post(f"{CONSENTS}/withdrawals", json=body, headers=egov)
        assert withdrawn.status_code == 201
        assert [await status(h) for h in (bot, egov, strangers)] == [401, 200, 200]
        # the worker does it again should the process have died in between; twice does no harm
        late = await session(AIGUL, "BOT")
        [payload] = await owner.fetch(
            "SELECT convert_from(payload, 'UTF8') p FROM jobs.pgqueuer WHERE entrypoint = $1",
            jobs.CLOSE_SESSIONS,
        )
        for _ in range(2):
            await jobs.close_sessions(resources, json.loads(payload["p"]))
        assert [await status(h) for h in (late, egov, strangers)] == [401, 200, 200]
        await http.post(f"{CONSENTS}/withdrawals", json={"purposes": ["EGOV"]}, headers=egov)
        assert await status(egov) == 401
