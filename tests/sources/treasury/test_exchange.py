"""We and the Treasury's stand-in over a real socket: intact messages only, lost answers, one order."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from litestar import Litestar, Router
from litestar.di import Provide

from backend.kernel.config import Config
from backend.sources.treasury import service
from backend.sources.treasury.errors import TreasurySilent
from backend.sources.treasury.model import CreditTransfer, OrderStatus, Party
from infra.sandbox import treasury
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox
from infra.sandbox.treasury.model import Row
from tests.serving import serving

ISSUER_BIN = "061211600012"
IBAN = "KZ86125KZT5004100100"
NOW = datetime.now(UTC)


def order(message_id: str = "0198a", amount_tiyn: int = 5_000) -> bytes:
    return service.write_order(
        CreditTransfer(
            message_id=message_id,
            created_at=NOW,
            execute_on=date(2026, 6, 1),
            payer=Party("Қор", ISSUER_BIN, IBAN, "KKMFKZ2A"),
            payee=Party("Емхана", "990340001234", IBAN, "CASPKZKA"),
            amount_tiyn=amount_tiyn,
            basis="2026-MHI-000001",
        )
    )


@pytest.fixture(scope="module")
def centre() -> Centre:
    return Centre.create(b"treasury test", NOW - timedelta(days=1))


@pytest.fixture(scope="module")
def finance(centre: Centre) -> KeyPair:
    return centre.issue_legal(
        "850101300013", ISSUER_BIN, "СЕРІКОВА АЙГҮЛ", "Қор", "finance", NOW - timedelta(hours=1)
    )


@pytest.fixture
def sandbox(centre: Centre) -> Sandbox:
    """The Treasury has taken a register with one row of 50 tenge."""
    made = Sandbox(centre)
    treasury.state(made).rows["0198a"] = Row(ISSUER_BIN, "990340001234", IBAN, "50.00")
    return made


@pytest.fixture
async def config(sandbox: Sandbox) -> AsyncIterator[Config]:
    """The stand-in on a socket of its own: only a real line can go dead."""

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [Router("/treasury", route_handlers=treasury.HANDLERS)],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    async with serving(app) as server:
        yield Config(treasury_url=f"{server.url}/treasury", source_timeout_s=5)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


async def test_an_order_is_taken_once_and_executed_once(
    http: httpx.AsyncClient, config: Config, sandbox: Sandbox, finance: KeyPair
) -> None:
    raw = order()
    signature = finance.sign_cms(raw, at=NOW)
    assert await service.ask(http, config, "0198a") is None
    answers = [await service.send(http, config, "0198a", raw, signature) for _ in range(5)]
    assert {a.status for a in answers} == {OrderStatus.ACCEPTED}
    for _ in range(3):
        found = await service.ask(http, config, "0198a")
        assert found is not None
        assert found.status is OrderStatus.EXECUTED
    kept = treasury.state(sandbox).orders["0198a"]
    assert (kept.received, kept.executed, kept.amount) == (5, 1, "50.00")


async def test_a_lost_answer_leaves_the_order_there(
    http: httpx.AsyncClient, config: Config, sandbox: Sandbox, finance: KeyPair
) -> None:
    await http.post(config.treasury_url + "/control/drop-answers", json={"count": 1})
    raw = order()
    with pytest.raises(TreasurySilent):
        await service.send(http, config, "0198a", raw, finance.sign_cms(raw, at=NOW))
    found = await service.ask(http, config, "0198a")
    assert found is not None
    assert found.status is OrderStatus.EXECUTED
    assert len(treasury.state(sandbox).orders) == 1


async def test_nobody_there_is_silence_too(http: httpx.AsyncClient, finance: KeyPair) -> None:
    nowhere = Config(treasury_url="http://127.0.0.1:9/treasury", source_timeout_s=1)
    for config in (nowhere, Config()):
        with pytest.raises(TreasurySilent):
            await service.ask(http, config, "0198a")
        with pytest.raises(TreasurySilent):
            await service.send(http, config, "0198a", order(), b"")


async def test_a_rejected_order_says_why(
    http: httpx.AsyncClient, config: Config, finance: KeyPair
) -> None:
    await http.post(
        config.treasury_url + "/control/reject-orders", json={"count": 1, "reason": "AC04"}
    )
    raw = order()
    answer = await service.send(http, config, "0198a", raw, finance.sign_cms(raw, at=NOW))
    assert (answer.status, answer.reason) == (OrderStatus.REJECTED, "AC04")


def tampered(raw: bytes) -> list[bytes]:
    text = raw.decode()
    row = re.search(r"<CdtTrfTxInf>.*</CdtTrfTxInf>", text, re.DOTALL)
    assert row is not None
    return [
        raw.replace(b"50.00", b"51.00"),
        raw.replace(b"50.00", b"51.00", 2),
        raw.replace(b"990340001234", b"990340001235"),
        text.replace(row[0], "").encode(),
        text.replace(row[0], row[0] * 2).encode(),
        text.replace("<NbOfTxs>1<", "<NbOfTxs>2<").encode(),
        raw[:-10],
        raw + b" ",
        b"<!DOCTYPE Document [<!ENTITY a 'b'>]>" + raw.split(b"?>", 1)[1],
        *(raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :] for i in range(40, len(raw), 97)),
    ]


async def test_not_one_changed_byte_gets_through(
    http: httpx.AsyncClient, config: Config, sandbox: Sandbox, finance: KeyPair, centre: Centre
) -> None:
    raw = order()
    signature = finance.sign_cms(raw, at=NOW)
    for changed in tampered(raw):
        answer = await http.post(
            config.treasury_url + "/orders",
            content=changed,
            headers=headers_of(changed, signature),
        )
        assert answer.status_code == 422, changed
    stale = await http.post(
        config.treasury_url + "/orders", content=raw + b"\n", headers=headers_of(raw, signature)
    )
    assert stale.status_code == 422
    stranger = centre.issue_legal(
        "850101300013", "990340001234", "СЕРІКОВА АЙГҮЛ", "Емхана", "head", NOW - timedelta(hours=1)
    )
    employee = centre.issue_legal(
        "850101300013", ISSUER_BIN, "СЕРІКОВА АЙГҮЛ", "Қор", "employee", NOW - timedelta(hours=1)
    )
    for pair in (stranger, employee):
        answer = await http.post(
            config.treasury_url + "/orders",
            content=raw,
            headers=headers_of(raw, pair.sign_cms(raw, at=NOW)),
        )
        assert answer.status_code == 422
    assert treasury.state(sandbox).orders == {}
    assert (
        await service.send(http, config, "0198a", raw, signature)
    ).status is OrderStatus.ACCEPTED
    other = order(amount_tiyn=6_000)
    refused = await service.send(http, config, "0198a", other, finance.sign_cms(other, at=NOW))
    assert (refused.status, refused.reason) == (OrderStatus.REJECTED, "DUPL")


@pytest.mark.parametrize("row", [None, Row(ISSUER_BIN, "990340001234", IBAN, "51.00")])
async def test_an_order_of_no_register_is_not_paid(
    http: httpx.AsyncClient, config: Config, sandbox: Sandbox, finance: KeyPair, row: Row | None
) -> None:
    treasury.state(sandbox).rows.clear()
    if row is not None:
        treasury.state(sandbox).rows["0198a"] = row
    raw = order()
    answer = await service.send(http, config, "0198a", raw, finance.sign_cms(raw, at=NOW))
    assert (answer.status, answer.reason) == (OrderStatus.REJECTED, "NOT_IN_REGISTER")
    assert treasury.state(sandbox).orders == {}


def headers_of(raw: bytes, signature: bytes) -> dict[str, str]:
    import base64
    import hashlib

    digest = base64.b64encode(hashlib.sha256(raw).digest()).decode()
    return {
        "content-type": "application/xml",
        "content-digest": f"sha-256=:{digest}:",
        "x-signature": base64.b64encode(signature).decode(),
    }
