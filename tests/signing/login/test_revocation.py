"""Held revocation lists (FAULTS 20): unknown never passes, revoked is said, garbage replaces nothing."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
import respx

from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from backend.signing.revocation import held
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING
from tests.signing.login.conftest import CLINIC, Issue, sign_in

URL = "http://crl.test/nca_gost.crl"
HOUR = timedelta(hours=1)


@pytest.fixture
def config(config: Config) -> Config:
    return msgspec.structs.replace(config, crl_url=URL)


@pytest.fixture(scope="module")
def centre(nca: Centre) -> Centre:
    return nca


async def served(resources: Resources, answer: httpx.Response | Exception) -> None:
    """One round of the sweep against a centre that answers so."""
    with respx.mock:
        route = respx.get(URL)
        if isinstance(answer, Exception):
            route.mock(side_effect=answer)
        else:
            route.mock(return_value=answer)
        await held.refresh(resources)
    held._caches.clear()


async def outcome(client: Any, key: KeyPair) -> tuple[int, str | None]:
    async with client() as http:
        answer = await sign_in(http, key)
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
    return answer.status_code, answer.json().get("code")


UNKNOWN = (503, "SOURCE_UNAVAILABLE")


async def test_without_a_list_nobody_enters_and_nobody_is_called_revoked(
    client: Any, head: KeyPair
) -> None:
    assert await outcome(client, head) == UNKNOWN


async def test_a_fresh_list_lets_in_and_keeps_out(
    client: Any, resources: Resources, centre: Centre, head: KeyPair, issue: Issue
) -> None:
    stolen = issue(CLINIC, "head")
    centre.revoke(stolen, MONDAY_MORNING - HOUR)
    await served(resources, httpx.Response(200, content=centre.crl(MONDAY_MORNING)))
    assert await outcome(client, head) == (201, None)
    assert await outcome(client, stolen) == (422, "CERT_REVOKED")


async def test_a_revocation_fetched_later_is_heeded(
    client: Any, resources: Resources, centre: Centre, issue: Issue, clock: FixedClock
) -> None:
    key = issue(CLINIC, "head")
    await served(resources, httpx.Response(200, content=centre.crl(MONDAY_MORNING)))
    assert await outcome(client, key) == (201, None)
    centre.revoke(key, MONDAY_MORNING)
    await served(resources, httpx.Response(200, content=centre.crl(MONDAY_MORNING)))
    assert await outcome(client, key) == (201, None)  # not due yet: nothing was fetched
    clock.advance(HOUR)
    await served(resources, httpx.Response(200, content=centre.crl(clock.now())))
    assert await outcome(client, key) == (422, "CERT_REVOKED")


async def test_a_stale_list_decides_nothing(
    client: Any, resources: Resources, centre: Centre, head: KeyPair
) -> None:
    old = centre.crl(MONDAY_MORNING - timedelta(days=10), life=timedelta(days=9))
    await served(resources, httpx.Response(200, content=old))
    assert await outcome(client, head) == UNKNOWN


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"<html>try later</html>"),
        httpx.Response(200, content=b"\x30\x80" * 5000),
        httpx.Response(404, content=b"x"),
        httpx.Response(500, content=b"x"),
        httpx.Response(302, headers={"location": "http://elsewhere/"}),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("away"),
    ],
    ids=str,
)
async def test_garbage_lets_nobody_in_and_replaces_nothing(
    client: Any,
    resources: Resources,
    centre: Centre,
    head: KeyPair,
    clock: FixedClock,
    answer: httpx.Response | Exception,
) -> None:
    await served(resources, answer)
    assert await outcome(client, head) == UNKNOWN
    await served(resources, httpx.Response(200, content=centre.crl(clock.now())))
    clock.advance(HOUR)
    await served(resources, answer)
    assert await outcome(client, head) == (201, None)


async def test_only_a_newer_list_of_a_trusted_centre_takes_the_place(
    client: Any, resources: Resources, centre: Centre, issue: Issue, clock: FixedClock
) -> None:
    key = issue(CLINIC, "head")
    before = centre.crl(MONDAY_MORNING)
    clock.advance(HOUR)
    centre.revoke(key, MONDAY_MORNING)
    await served(resources, httpx.Response(200, content=centre.crl(clock.now())))
    assert await outcome(client, key) == (422, "CERT_REVOKED")
    stranger = Centre.create(b"a stranger", MONDAY_MORNING)
    for forged in (before, stranger.crl(clock.now() + HOUR)):
        clock.advance(HOUR)
        await served(resources, httpx.Response(200, content=forged))
        assert await outcome(client, key) == (422, "CERT_REVOKED")
