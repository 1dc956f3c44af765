"""The state databases as the registry's stories meet them: stand-ins that may behave badly."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.di import Provide

from backend.kernel.resources import Resources
from backend.registry.state_event import jobs
from infra.sandbox import gbd, sms
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox

DOCUMENT = {"number": "АК-7", "issued_on": "2026-04-02", "issued_by": "АХАТ"}
URL = "http://gbd.test"


def told(number: str, kind: str = "DEATH", **changed: Any) -> dict[str, Any]:
    """An event of a database."""
    return {
        "event_id": str(uuid4()),
        "number": number,
        "kind": kind,
        "happened_on": "2026-04-01",
        "registered_at": "2026-04-02T05:00:00Z",
        "document": DOCUMENT,
        "annuls": None,
        **changed,
    }


@pytest.fixture(scope="session")
def centre() -> Centre:
    return Centre.create(b"gbd test", datetime.now(UTC), algorithms=("rsa-sha256",))


@pytest.fixture
def sandbox(centre: Centre) -> Sandbox:
    return Sandbox(centre)


@pytest.fixture
async def world(resources: Resources, sandbox: Sandbox) -> AsyncIterator[Resources]:
    """The resources of a process that reaches the stand-ins."""

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [gbd.router("gbd-fl"), gbd.router("gbd-ul"), *sms.HANDLERS],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    config = msgspec.structs.replace(
        resources.config,
        gbd_fl_url=f"{URL}/gbd-fl",
        gbd_ul_url=f"{URL}/gbd-ul",
        sms_url=f"{URL}/sms",
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport) as http:
        yield msgspec.structs.replace(resources, config=config, http=http)


Tell = Callable[..., Awaitable[None]]


@pytest.fixture
def tell(world: Resources) -> Tell:
    """Enters events in a journal; with `faults` the database behaves so from now on."""

    async def of(*events: dict[str, Any], database: str = "gbd-fl", **faults: Any) -> None:
        if faults:
            await world.http.put(f"{URL}/{database}/control/faults", json=faults)
        answer = await world.http.post(f"{URL}/{database}/control/events", json=list(events))
        assert answer.is_success, answer.text

    return of


async def follow(world: Resources, *, seconds: int = 3) -> None:
    """What the worker does in so many seconds, a minute later."""
    await world.db.registry.pool.execute(
        "UPDATE registry.state_feed SET next_at = $1", world.clock.now()
    )
    for _ in range(seconds):
        await jobs.follow(world)


async def outcomes(world: Resources) -> dict[str, str]:
    """event_id -> outcome."""
    rows = await world.db.registry.pool.fetch("SELECT event_id, outcome FROM registry.state_event")
    return {str(r["event_id"]): r["outcome"] for r in rows}


async def statuses(world: Resources) -> dict[Any, str]:
    """Every account's status, of persons and organisations."""
    rows = await world.db.registry.pool.fetch(
        "SELECT person_id AS id, status FROM registry.account"
        " UNION ALL SELECT organisation_id, status FROM registry.organisation"
    )
    return {r["id"]: r["status"] for r in rows}
