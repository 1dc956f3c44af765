"""Debts and untimely payments: a fresh and sound answer about each payer, or none."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
import respx
from litestar import Litestar, Router
from litestar.di import Provide

from backend.kernel.config import Config
from backend.sources.exchange import SourceUnavailable
from backend.sources.tax import debts
from backend.sources.tax.debts import Debt, Kind, LatePayment
from infra.sandbox import tax
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox

NOW = datetime(2026, 5, 14, 5, tzinfo=UTC)
URL = "http://outside.test"
CONFIG = Config(tax_url=f"{URL}/tax")
CLINIC, OTHER = "061211600012", "100140000003"
DEBT = {"kind": "TAX", "amount": "1234.50", "since": "2026-02-26"}
LATE = {"kind": "SOCIAL", "amount": "500.00", "due_on": "2026-03-25", "paid_on": "2026-04-01"}
PAYER = {"number": CLINIC, "as_of": NOW.isoformat(), "debts": [DEBT], "late": [LATE]}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    sandbox = Sandbox(Centre.create(b"debts test", NOW, algorithms=("rsa-sha256",)))
    sandbox.set_clock(NOW)

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [Router("/tax", route_handlers=tax.HANDLERS)],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url=URL) as client:
        yield client


async def test_who_owes_and_who_does_not(http: httpx.AsyncClient) -> None:
    payer = {"number": CLINIC, "debts": [DEBT], "late": [LATE]}
    await http.put("/tax/control/payers", json=[payer])
    found = await debts.ask(http, CONFIG, [CLINIC, OTHER], now=NOW)
    assert found[CLINIC].debts == (Debt(Kind.TAX, 123450, date(2026, 2, 26)),)  # type: ignore[arg-type]
    assert found[CLINIC].late == (
        LatePayment(Kind.SOCIAL, 50000, date(2026, 3, 25), date(2026, 4, 1)),  # type: ignore[arg-type]
    )
    assert (found[OTHER].debts, found[OTHER].late) == ((), ())


@pytest.mark.parametrize("mood", [{"silent": True}, {"forgetful": True}, {"stale_days": 5}])
async def test_silence_is_never_no_debt(http: httpx.AsyncClient, mood: dict[str, Any]) -> None:
    await http.put("/tax/control/mood", json=mood)
    with pytest.raises(SourceUnavailable) as refused:
        await debts.ask(http, CONFIG, [CLINIC], now=NOW)
    assert refused.value.facts == {"source": "tax"}
    with pytest.raises(SourceUnavailable):
        await debts.ask(http, Config(), [CLINIC], now=NOW)


@pytest.mark.parametrize(
    "payers",
    [
        [],
        [PAYER, PAYER],
        [{**PAYER, "number": OTHER}],
        [{**PAYER, "as_of": (NOW - timedelta(days=4, seconds=1)).isoformat()}],
        [{**PAYER, "as_of": (NOW + timedelta(minutes=6)).isoformat()}],
        [{**PAYER, "debts": [{**DEBT, "amount": "0.00"}]}],
        [{**PAYER, "debts": [{**DEBT, "amount": "-1.00"}]}],
        [{**PAYER, "debts": [{**DEBT, "amount": 1234.5}]}],
        [{**PAYER, "debts": [{**DEBT, "kind": "A_WORD_OF_TOMORROW"}]}],
        [{**PAYER, "late": [{**LATE, "paid_on": "2026-03-25"}]}],  # then it was in time
        [{**PAYER, "debts": None}],
    ],
)
async def test_an_answer_that_does_not_fit_is_none(payers: Any) -> None:
    with respx.mock() as router:
        route = router.post(f"{URL}/tax/debts")
        route.mock(return_value=httpx.Response(200, json={"payers": payers}))
        async with httpx.AsyncClient() as client:
            with pytest.raises(SourceUnavailable):
                await debts.ask(client, CONFIG, [CLINIC], now=NOW)


async def test_many_payers_are_asked_in_portions() -> None:
    sizes = []

    def answer(request: httpx.Request) -> httpx.Response:
        numbers = json.loads(request.content)["numbers"]
        sizes.append(len(numbers))
        told = [{**PAYER, "number": n, "debts": [], "late": []} for n in numbers]
        return httpx.Response(200, json={"payers": told})

    with respx.mock() as router:
        router.post(f"{URL}/tax/debts").mock(side_effect=answer)
        async with httpx.AsyncClient() as client:
            found = await debts.ask(client, CONFIG, [f"{n:012}" for n in range(1_200)], now=NOW)
    assert (len(found), sizes) == (1_200, [500, 500, 200])
