"""The resource and equipment systems, over the protocol they speak."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.di import Provide

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from infra.sandbox import capacity
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox


@pytest.fixture(scope="session")
def centre() -> Centre:
    return Centre.create(b"capacity test", datetime.now(UTC), algorithms=("rsa-sha256",))


@pytest.fixture
def sandbox(centre: Centre, clock: FixedClock) -> Sandbox:
    made = Sandbox(centre)
    made.set_clock(clock.now())
    return made


@pytest.fixture
async def connected(resources: Resources, sandbox: Sandbox) -> AsyncIterator[Resources]:
    """The service's resources with both systems connected."""

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [capacity.router("sur"), capacity.router("sumt")],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    config = msgspec.structs.replace(
        resources.config, sur_url="http://sources.test/sur", sumt_url="http://sources.test/sumt"
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport) as http:
        yield msgspec.structs.replace(resources, config=config, http=http)
