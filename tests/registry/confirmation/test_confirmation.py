"""What GBD UL and the depository say is kept with its age; silence is never a yes (D28)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.errors import Refusal
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.model import DeclareReadiness
from backend.registry.confirmation import service
from infra.sandbox.app import create_sandbox
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox
from tests.registry.conftest import CLINIC_BIN, actor, iin_of, registration, signed

URL = "http://outside.test"


@pytest.fixture(scope="module")
def centre() -> Centre:
    return Centre.create(b"confirmation", datetime.now(UTC), algorithms=("rsa-sha256",))


@pytest.fixture
async def world(
    resources: Resources, centre: Centre, clock: FixedClock
) -> AsyncIterator[Resources]:
    """The resources of a process that reaches the stand-ins."""
    sandbox = Sandbox(centre)
    sandbox.set_clock(clock.now())
    config = msgspec.structs.replace(
        resources.config, gbd_ul_url=f"{URL}/gbd-ul", dfo_url=f"{URL}/dfo"
    )
    transport = httpx.ASGITransport(app=create_sandbox(sandbox))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport) as http:
        yield msgspec.structs.replace(resources, config=config, http=http)


async def told(world: Resources, path: str, body: Any) -> None:
    (await world.http.put(f"{URL}/{path}", json=body)).raise_for_status()


async def register(world: Resources) -> Any:
    command = signed(registration(CLINIC_BIN), world, CLINIC_BIN)
    return await accounts.register(world, actor(CLINIC_BIN), command)


async def refused(world: Resources) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as found:
        await register(world)
    assert await accounts.organisation_by_bin(world.db.registry, CLINIC_BIN) is None
    return found.value.actual_code, found.value.path


async def test_a_legal_entity_opens_its_account_when_gbd_ul_bears_it_out(world: Resources) -> None:
    entity = {"number": CLINIC_BIN, "head_iin": iin_of(1)}
    assert await refused(world) == ("ENTITY_NOT_CONFIRMED", "$.number")
    await told(world, "gbd-ul/control/entities", [entity | {"status": "LIQUIDATED"}])
    assert await refused(world) == ("ENTITY_NOT_CONFIRMED", "$.number")
    await told(world, "gbd-ul/control/entities", [entity | {"head_iin": iin_of(2)}])
    assert await refused(world) == ("ENTITY_NOT_CONFIRMED", "$.head.iin")
    await told(world, "gbd-ul/control/entities", [entity])
    opened = await register(world)
    (kept,) = await service.of_organisation(world.db.registry, opened.organisation_id)
    assert (kept.kind, kept.status) == ("LEGAL_ENTITY", "CONFIRMED")
    assert kept.as_of is not None


async def test_while_gbd_ul_is_silent_registration_waits(world: Resources) -> None:
    nowhere = msgspec.structs.replace(world.config, gbd_ul_url="http://127.0.0.1:1")
    async with httpx.AsyncClient(timeout=1) as http:
        silent = msgspec.structs.replace(world, config=nowhere, http=http)
        assert await refused(silent) == ("SOURCE_UNAVAILABLE", None)


async def test_declared_statements_count_once_the_depository_has_them(
    resources: Resources, world: Resources, clock: FixedClock
) -> None:
    await register(resources)  # GBD UL was not connected then
    me = actor(CLINIC_BIN)

    async def missing() -> bool:
        cabinet = await accounts.cabinet(world.db.registry, me)
        assert cabinet.readiness
        return "dfo_posted" in cabinet.readiness.missing

    await accounts.declare(world, me, DeclareReadiness(dfo_year=2025))
    await told(world, "dfo/control/mood", {"silent": True})
    await told(world, "gbd-ul/control/entities", [{"number": CLINIC_BIN}])
    assert await service.confirm(world) == 1  # GBD UL answers now
    assert await missing()
    await told(world, "dfo/control/mood", {"stale_days": 9})
    clock.set(clock.now() + timedelta(hours=2))
    assert await service.confirm(world) == 0
    await told(world, "dfo/control/mood", {})
    posted = {"number": CLINIC_BIN, "year": 2024, "posted_on": "2025-03-30"}
    await told(world, "dfo/control/statements", [posted])
    assert await missing()  # those of another year are not
    clock.set(clock.now() + timedelta(hours=2))
    assert await service.confirm(world) == 0
    await told(world, "dfo/control/statements", [posted | {"year": 2025}])
    assert await service.confirm(world) == 0  # asked again within the hour
    clock.set(clock.now() + timedelta(minutes=61))
    assert await service.confirm(world) == 1
    assert not await missing()
    assert await service.confirm(world) == 0  # nothing is due any more
    cabinet = await accounts.cabinet(world.db.registry, me)
    assert [(c.kind, c.status, c.year) for c in cabinet.confirmations] == [
        ("LEGAL_ENTITY", "CONFIRMED", None),
        ("STATEMENTS", "CONFIRMED", 2025),
    ]
