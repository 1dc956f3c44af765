"""The journals of the state databases: page by page behind a cursor; an odd answer is no answer."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
import respx
from litestar import Litestar
from litestar.di import Provide

from backend.kernel.config import Config
from backend.sources import journal
from backend.sources.exchange import SourceUnavailable
from backend.sources.gbd_fl import service as gbd_fl
from backend.sources.gbd_ul import service as gbd_ul
from infra.sandbox import gbd
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox

CONFIG = Config(gbd_fl_url="http://gbd.test/gbd-fl", gbd_ul_url="http://gbd.test/gbd-ul")
DOCUMENT = {"number": "7", "issued_on": "2026-04-02", "issued_by": "АХАТ"}


def event(number: str, kind: str = "DEATH") -> dict[str, Any]:
    return {
        "event_id": str(uuid4()),
        "number": number,
        "kind": kind,
        "happened_on": "2026-04-01",
        "registered_at": "2026-04-02T05:00:00Z",
        "document": DOCUMENT,
        "annuls": None,
    }


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    sandbox = Sandbox(Centre.create(b"gbd test", datetime.now(UTC), algorithms=("rsa-sha256",)))

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [gbd.router("gbd-fl"), gbd.router("gbd-ul")],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport) as client:
        yield client


async def test_two_databases_tell_each_its_own_journal(http: httpx.AsyncClient) -> None:
    people = [event("900101300017"), event("850101300005", "A_WORD_OF_TOMORROW")]
    await http.post("http://gbd.test/gbd-fl/control/events", json=people)
    await http.post(
        "http://gbd.test/gbd-ul/control/events", json=[event("090440002224", "LIQUIDATION")]
    )
    await http.put("http://gbd.test/gbd-fl/control/faults", json={"page": 1})
    first = await gbd_fl.events(http, CONFIG, None)
    second = await gbd_fl.events(http, CONFIG, first.next)
    assert (first.more, second.more) == (True, False)
    assert [str(e.event_id) for e in (*first.events, *second.events)] == [
        e["event_id"] for e in people
    ]
    (liquidated,) = (await gbd_ul.events(http, CONFIG, None)).events
    assert (liquidated.kind, liquidated.number) == ("LIQUIDATION", "090440002224")
    assert (await gbd_ul.events(http, CONFIG, "1")).events == ()


async def test_lost_and_repeated_answers(http: httpx.AsyncClient) -> None:
    await http.post("http://gbd.test/gbd-fl/control/events", json=[event("900101300017")])
    await http.put("http://gbd.test/gbd-fl/control/faults", json={"drop": 1, "repeat": True})
    with pytest.raises(SourceUnavailable):
        await gbd_fl.events(http, CONFIG, None)
    first = await gbd_fl.events(http, CONFIG, None)
    again = await gbd_fl.events(http, CONFIG, first.next)
    assert first.more
    assert first.events == again.events
    assert not again.more


async def test_numbers_stand_in_the_body_and_an_odd_answer_is_no_answer(
    respx_mock: respx.MockRouter,
) -> None:
    page = {"events": [event("900101300017")], "next": "1", "more": False}
    bad = event("900101300017")
    odd = [
        {**page, "next": ""},
        {**page, "events": [{**bad, "registered_at": "2026-04-02T05:00:00"}]},
        {**page, "events": [{**bad, "kind": "a\nb"}]},
        {**page, "events": [{**bad, "document": {**DOCUMENT, "number": "7\n8"}}]},
        {"events": [], "next": "1"},
    ]
    route = respx_mock.post("http://gbd.test/gbd-fl/events")
    async with httpx.AsyncClient() as http:
        route.respond(200, json=page)
        assert (await gbd_fl.events(http, CONFIG, "x")).next == "1"
        assert json.loads(route.calls.last.request.content) == {"after": "x", "limit": journal.PAGE}
        for answer in odd:
            route.respond(200, json=answer)
            with pytest.raises(SourceUnavailable):
                await gbd_fl.events(http, CONFIG, None)
        with pytest.raises(SourceUnavailable):
            await gbd_fl.events(http, Config(), None)
