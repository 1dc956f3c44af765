"""Licences: a fresh and sound answer about each holder, or none; an address as it is written."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.di import Provide

from backend.kernel.config import Config
from backend.sources.exchange import SourceUnavailable
from backend.sources.permits import service
from backend.sources.permits.model import Activity, address_key
from infra.sandbox import permits
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox

NOW = datetime(2026, 5, 14, 5, tzinfo=UTC)
URL = "http://outside.test"
CONFIG = Config(permits_url=f"{URL}/permits")
CLINIC, OTHER = "061211600012", "100140000003"
DOCUMENT = {"number": "12-4/7", "issued_on": "2026-05-01", "issued_by": "МФБК"}
ANNEX = {
    "number": "001", "address": "Астана қ., Абай даңғ., 10", "sub_kinds": ["терапия"],
    "status": "VALID", "issued_on": "2020-01-10",
}  # fmt: skip
ENDED = {"status": "REVOKED", "since": "2026-05-01", "document": DOCUMENT}
LICENCE = {
    "number": "17001234", "activity": "MEDICAL", "status": "VALID", "issued_on": "2020-01-10",
    "annexes": [ANNEX, {**ANNEX, "number": "002", "address": "Астана қ., Сарыарқа 1", **ENDED}],
}  # fmt: skip
HOLDER = {"number": CLINIC, "as_of": NOW.isoformat(), "licences": [LICENCE]}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    sandbox = Sandbox(Centre.create(b"permits test", NOW, algorithms=("rsa-sha256",)))
    sandbox.set_clock(NOW)

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [permits.router()], dependencies={"sandbox": Provide(provide)}, openapi_config=None
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


async def test_a_holder_has_the_annexes_that_held_that_day(http: httpx.AsyncClient) -> None:
    entry = [{"number": CLINIC, "licences": [LICENCE]}]
    await http.put("/permits/control/licences", json=entry)
    found = await service.ask(http, CONFIG, [CLINIC, OTHER, CLINIC], now=NOW)
    assert (found.keys(), found[OTHER].licences) == ({CLINIC, OTHER}, ())
    holder = found[CLINIC]
    before, after = date(2026, 4, 30), date(2026, 5, 1)
    assert [a.number for a in holder.annexes_on(before, Activity.MEDICAL)] == ["001", "002"]
    assert [a.number for a in holder.annexes_on(after, Activity.MEDICAL)] == ["001"]
    assert not holder.annexes_on(after, Activity.NARCOTICS)
    assert not holder.annexes_on(date(2020, 1, 9), Activity.MEDICAL)
    assert holder.permits("АСТАНА қ. Сарыарқа, 1", before)
    assert not holder.permits("Астана қ., Сарыарқа 1", after)
    assert not holder.permits("Астана қ., Сарыарқа 11", before)


async def test_a_licence_that_ended_takes_its_annexes_along(http: httpx.AsyncClient) -> None:
    entry = [{"number": CLINIC, "licences": [{**LICENCE, **ENDED}]}]
    await http.put("/permits/control/licences", json=entry)
    holder = (await service.ask(http, CONFIG, [CLINIC], now=NOW))[CLINIC]
    assert holder.permits(ANNEX["address"], date(2026, 4, 30))  # type: ignore[arg-type]
    assert not holder.annexes_on(date(2026, 5, 1), Activity.MEDICAL)
    assert holder.licences[0].document is not None


@pytest.mark.parametrize("mood", [{"silent": True}, {"forgetful": True}, {"stale_days": 5}])
async def test_silence_is_never_a_licence(http: httpx.AsyncClient, mood: dict[str, Any]) -> None:
    await http.put("/permits/control/mood", json=mood)
    with pytest.raises(SourceUnavailable) as refused:
        await service.ask(http, CONFIG, [CLINIC], now=NOW)
    assert refused.value.facts == {"source": "permits"}
    with pytest.raises(SourceUnavailable):
        await service.ask(http, Config(), [CLINIC], now=NOW)


@pytest.mark.parametrize(
    "holders",
    [
        [],
        [HOLDER, HOLDER],
        [{**HOLDER, "number": OTHER}],
        [{**HOLDER, "as_of": "2026-05-14T05:00:00"}],
        [{**HOLDER, "as_of": (NOW + timedelta(minutes=6)).isoformat()}],
        [{**HOLDER, "as_of": (NOW - timedelta(days=4, seconds=1)).isoformat()}],
        [{**HOLDER, "licences": [{**LICENCE, "status": "A_WORD_OF_TOMORROW"}]}],
        [{**HOLDER, "licences": [{**LICENCE, "status": "REVOKED"}]}],  # since when?
        [{**HOLDER, "licences": [{**LICENCE, "since": "2026-05-01"}]}],  # it holds
        [{**HOLDER, "licences": [{**LICENCE, "annexes": [{**ANNEX, "status": "REVOKED"}]}]}],
        [{**HOLDER, "licences": None}],
    ],
)
async def test_an_answer_that_does_not_fit_is_none(holders: Any) -> None:
    with respx.mock() as router:
        route = router.post(f"{URL}/permits/licences")
        route.mock(return_value=httpx.Response(200, json={"holders": holders}))
        async with httpx.AsyncClient() as client:
            with pytest.raises(SourceUnavailable):
                await service.ask(client, CONFIG, [CLINIC], now=NOW)


async def test_many_holders_are_asked_in_portions_and_each_once() -> None:
    sizes = []

    def answer(request: httpx.Request) -> httpx.Response:
        numbers = json.loads(request.content)["numbers"]
        sizes.append(len(numbers))
        told = [{**HOLDER, "number": n, "licences": []} for n in reversed(numbers)]
        return httpx.Response(200, json={"holders": told})

    with respx.mock() as router:
        router.post(f"{URL}/permits/licences").mock(side_effect=answer)
        async with httpx.AsyncClient() as client:
            numbers = [f"{n:012}" for n in range(450)] * 2
            found = await service.ask(client, CONFIG, numbers, now=NOW)
    assert (len(found), sizes) == (450, [200, 200, 50])


async def test_the_journal_tells_what_ended_and_by_which_document(http: httpx.AsyncClient) -> None:
    told = {
        "event_id": str(uuid4()), "number": CLINIC, "kind": "LICENCE_ENDED",
        "happened_on": "2026-05-01", "registered_at": NOW.isoformat(), "document": DOCUMENT,
    }  # fmt: skip
    await http.post("/permits/control/events", json=[told])
    page = await service.events(http, CONFIG, None)
    assert [(e.kind, e.document.number) for e in page.events] == [("LICENCE_ENDED", "12-4/7")]
    assert (await service.events(http, CONFIG, page.next)).events == ()


@given(st.text(max_size=40))
def test_an_address_is_the_same_however_it_is_spaced_and_written(text: str) -> None:
    key = address_key(text)
    assert address_key(key) == key
    assert address_key(f"  {text} ,. ") == key
    assert address_key("Абай даңғылы, 10/2") == address_key("АБАЙ ДАҢҒЫЛЫ 10 2")
    assert address_key("Абай даңғылы, 102") != address_key("Абай даңғылы, 10/2")
