"""An invoice is registered once, however often its answer is lost."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import httpx
import msgspec
import pytest
from litestar import Litestar, Router
from litestar.di import Provide

from backend.kernel.config import Config
from backend.sources.exchange import SourceUnavailable
from backend.sources.tax import service
from backend.sources.tax.service import TaxInvoice
from infra.sandbox import tax
from infra.sandbox.nca.centre import Centre
from infra.sandbox.state import Sandbox

INVOICE = TaxInvoice(
    number="7",
    issued_on=date(2026, 6, 30),
    seller_bin="990340001234",
    buyer_bin="061211600012",
    contract_number="2026-MHI-000001",
    period_from=date(2026, 6, 1),
    period_to=date(2026, 6, 30),
    amount="12345.67",
)
CONFIG = Config(tax_url="http://tax.test/tax")


@pytest.fixture
async def sandbox() -> Sandbox:
    return Sandbox(Centre.create(b"tax test", datetime.now(UTC), algorithms=("rsa-sha256",)))


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [Router("/tax", route_handlers=tax.HANDLERS)],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport) as client:
        yield client


async def test_the_same_invoice_is_one_registration(
    http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await http.post("http://tax.test/tax/control/drop-answers", json={"count": 2})
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            await service.register(http, CONFIG, INVOICE)
    first = await service.register(http, CONFIG, INVOICE)
    assert first == await service.register(http, CONFIG, INVOICE)
    assert len(tax.state(sandbox).invoices) == 1


async def test_another_invoice_under_the_same_number_is_never_confirmed(
    http: httpx.AsyncClient,
) -> None:
    await service.register(http, CONFIG, INVOICE)
    with pytest.raises(SourceUnavailable):
        await service.register(http, CONFIG, msgspec.structs.replace(INVOICE, amount="1.00"))
    with pytest.raises(SourceUnavailable):
        await service.register(http, Config(), INVOICE)
