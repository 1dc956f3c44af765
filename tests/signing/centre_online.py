"""The stand-in centre over HTTP in this process, asked by the service instead of the national one."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from backend.signing.revocation import held
from infra.sandbox.app import create_sandbox
from infra.sandbox.nca.api import Moods
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox
from tests.signing.login import conftest as login

anchors, issue, nca = login.anchors, login.issue, login.nca
login_config = login.config
ROOT = "http://nca.test/nca"
BASE, DELTA = f"{ROOT}/crl/gost.crl", f"{ROOT}/crl/gost_d.crl"
# What answers has all the time it needs, on a machine busy with other things too; what is `slow` never
# does, and whoever waits for that is `hasty`.
TIMEOUT_S, HASTY_S = 30.0, 0.3


class Nca:
    """The centre as the service meets it: `moods` make it misbehave, `asked` counts the questions."""

    def __init__(self, sandbox: Sandbox, clock: FixedClock) -> None:
        self.sandbox, self.clock, self.centre = sandbox, clock, sandbox.centre
        self.asked: Counter[str] = Counter()
        self._app = httpx.ASGITransport(app=create_sandbox(sandbox))  # type: ignore[arg-type]
        self.away = False
        self.follow()

    def moods(self, **moods: Any) -> None:
        """Set how each service behaves; those not named are well."""
        self.sandbox.switches["nca"] = Moods(**{"slow_s": 10 * TIMEOUT_S, **moods})

    def follow(self) -> None:
        """Let it be for the centre what it is for the service."""
        self.sandbox.set_clock(self.clock.now())

    def pass_time(self, by: timedelta) -> None:
        """Let `by` pass for both."""
        self.clock.advance(by)
        self.follow()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked[request.url.path.rsplit("/", 1)[-1]] += 1
        if self.away:
            raise httpx.ConnectError("away")
        self.follow()
        answer = await self._app.handle_async_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=await answer.aread()
        )


@pytest.fixture
def config(login_config: Config) -> Config:
    return msgspec.structs.replace(
        login_config,
        ocsp_url=f"{ROOT}/ocsp",
        crl_url=f"{BASE},{DELTA}",
        source_timeout_s=TIMEOUT_S,
    )


Revoke = Callable[[datetime, int], None]


@pytest.fixture
def revoke_stamper(nca: Centre) -> Iterator[Revoke]:
    """Revoke the stamping authority's own certificate, for this test alone: the centre is everybody's."""
    authority = nca.hierarchy("gost2015-512").stamper

    def revoke(at: datetime, reason: int) -> None:
        nca.revoke(authority, at, reason)

    yield revoke
    nca.reinstate(authority)


@pytest.fixture
def online(nca: Centre, clock: FixedClock) -> Nca:
    return Nca(Sandbox(nca), clock)


@pytest.fixture
async def resources(resources: Resources, online: Nca) -> AsyncIterator[Resources]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(online)) as http:
        yield msgspec.structs.replace(resources, http=http)


def hasty(resources: Resources) -> Resources:
    """The same, for whom a source has no time at all."""
    config = msgspec.structs.replace(resources.config, source_timeout_s=HASTY_S)
    return msgspec.structs.replace(resources, config=config)


async def refreshed(resources: Resources) -> None:
    """One round of the sweep that fetches lists, seen by this process at once."""
    await held.refresh(resources)
    held._caches.clear()
