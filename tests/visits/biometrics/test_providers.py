"""Two providers of different protocols, over real sockets: the slow one serves where the first is silent."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from backend.app.asgi import create_app
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from backend.sources.biometrics.signed_json import sign
from backend.visits.biometrics import service
from backend.visits.biometrics.errors import (
    CallbackConflict,
    SessionOver,
    SessionUnknown,
)
from backend.visits.biometrics.model import Outcome, SessionState
from infra.sandbox.app import create_sandbox
from infra.sandbox.biometrics.jws import Identification, Switch, claims, office
from infra.sandbox.state import Sandbox
from tests.conftest import MONDAY_MORNING
from tests.serving import serving
from tests.visits.conftest import AIGUL, BOLAT, Owner, citizen

pytestmark = pytest.mark.usefixtures("citizens")
KEY = "provider-key"
SLOW_S = 0.2


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def sandbox() -> Sandbox:
    made = Sandbox(centre=None)  # type: ignore[arg-type]  # no certificate is asked for here
    made.set_clock(MONDAY_MORNING)
    made.biometrics_key = KEY
    office(made).switch = Switch(slow_s=SLOW_S)
    return made


@pytest.fixture
async def config(config: Config, sandbox: Sandbox) -> AsyncIterator[Config]:
    port, outside = free_port(), free_port()
    async with serving(create_sandbox(sandbox), port=outside):
        yield msgspec.structs.replace(
            config,
            port=port,
            public_url=f"http://127.0.0.1:{port}",
            biometrics_url=f"http://127.0.0.1:{outside}/biometrics",
            biometrics_key=KEY,
            biometrics_jws_url=f"http://127.0.0.1:{outside}/biometrics-jws",
            biometrics_jws_key=office(sandbox).public_key,
        )


async def ended(resources: Resources, session_id: Any) -> SessionState:
    async with asyncio.timeout(30):
        while True:
            state = await service.own(resources.db.visits, AIGUL, session_id)
            if state.outcome is not Outcome.PENDING:
                return state
            await asyncio.sleep(0.02)


async def test_the_slow_one_serves_where_the_first_is_silent(
    resources: Resources, sandbox: Sandbox, owner: Owner
) -> None:
    config = resources.config
    async with serving(create_app(config, resources), port=config.port):
        first = await ended(resources, (await service.start(resources, citizen(AIGUL))).session_id)
        assert (first.provider, first.outcome, first.liveness) == ("default", Outcome.MATCH, True)
        silent = msgspec.structs.replace(config, biometrics_url=f"http://127.0.0.1:{free_port()}")
        alone = msgspec.structs.replace(resources, config=silent)
        started = await service.start(alone, citizen(AIGUL))
        waiting = await service.own(resources.db.visits, AIGUL, started.session_id)
        assert waiting.outcome is Outcome.PENDING
        second = await ended(resources, started.session_id)
        assert (second.provider, second.outcome) == ("jws", Outcome.MATCH)
        office(sandbox).switch = Switch("SPOOF", SLOW_S)
        masked = await ended(resources, (await service.start(alone, citizen(AIGUL))).session_id)
        assert (masked.outcome, masked.liveness) == (Outcome.NO_MATCH, False)
        with pytest.raises(SessionUnknown):
            await service.own(resources.db.visits, BOLAT, started.session_id)
    kept = {
        r[0]
        for r in await owner.fetch(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = 'visits' AND table_name = 'biometric_session'"
        )
    }
    assert kept == {
        "person_id", "session_id", "provider", "started_at", "outcome", "liveness", "score_milli",
        "evidence_sha256", "finished_at",
    }  # fmt: skip


async def started_at_jws(owner: Owner, clock: FixedClock) -> str:
    session = "01980000-0000-7000-8000-0000000000e1"
    await owner.execute(
        "INSERT INTO visits.biometric_session (person_id, session_id, provider, started_at)"
        " VALUES ($1, $2, 'jws', $3)",
        AIGUL,
        session,
        clock.now(),
    )
    return session


async def test_a_hundred_tokens_have_one_effect_and_another_providers_word_none(
    resources: Resources, sandbox: Sandbox, clock: FixedClock, owner: Owner
) -> None:
    session = await started_at_jws(owner, clock)

    def token(verdict: str = "SAME") -> bytes:
        asked = Identification(session, "ab" * 32, "", 0)
        now_s = int(clock.now().timestamp())
        told = claims(Switch(verdict), asked, resources.config.public_url, now_s)
        return office(sandbox).token(told)

    clock.advance(service.SESSION_LIFE)  # the last instant
    outcomes = await asyncio.gather(
        *(service.take(resources, "jws", {}, token()) for _ in range(100))
    )
    assert sum(not taken.repeated for taken in outcomes) == 1
    with pytest.raises(CallbackConflict):
        await service.take(resources, "jws", {}, token("DIFFERENT"))
    other = {
        "session_id": session, "outcome": "MATCH", "liveness": True, "score_milli": 981,
        "evidence_sha256": "ab" * 32,
    }  # fmt: skip
    body = msgspec.json.encode(other)
    stamp = str(int(clock.now().timestamp()))
    headers = {"x-timestamp": stamp, "x-signature": sign(KEY, stamp, body)}
    with pytest.raises(SessionUnknown):
        await service.take(resources, "default", headers, body)


async def test_a_result_that_comes_too_late_is_none(
    resources: Resources, sandbox: Sandbox, clock: FixedClock, owner: Owner
) -> None:
    session = await started_at_jws(owner, clock)
    clock.advance(service.SESSION_LIFE + timedelta(microseconds=1))
    asked = Identification(session, "ab" * 32, "", 0)
    now_s = int(clock.now().timestamp())
    told = claims(Switch(), asked, resources.config.public_url, now_s)
    with pytest.raises(SessionOver):
        await service.take(resources, "jws", {}, office(sandbox).token(told))
    assert await owner.fetchval("SELECT outcome FROM visits.biometric_session") == "PENDING"
