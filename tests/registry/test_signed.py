"""With real signatures over HTTP: an executor registers, the issuer orders policies."""

import base64
from pathlib import Path
from typing import Any

import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.order import jobs
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.registry.conftest import (
    CLINIC_BIN,
    ISSUER_BIN,
    Insure,
    Register,
    iin_of,
    registration,
)

HEAD_IIN = iin_of(1)


@pytest.fixture
def centre(clock: FixedClock) -> Centre:
    return Centre.create(b"tests of the registry", clock.now())


@pytest.fixture
async def resources(resources: Resources, centre: Centre, tmp_path: Path) -> Resources:
    """The sandbox centre is trusted."""
    centre.save(tmp_path)
    config = msgspec.structs.replace(resources.config, trust=str(tmp_path / "trust"))
    return msgspec.structs.replace(resources, config=config)


def body(pair: KeyPair, document: bytes, clock: FixedClock) -> dict[str, str]:
    cms = pair.sign_cms(document, at=clock.now())
    return {
        "document": base64.b64encode(document).decode(),
        "signature": base64.b64encode(cms).decode(),
    }


async def test_an_executor_registers_and_concludes_the_agreement(
    client: Any, centre: Centre, clock: FixedClock
) -> None:
    def key(role: str, bin_: str = CLINIC_BIN) -> KeyPair:
        return centre.issue_legal(HEAD_IIN, bin_, "ОМАРОВ АСАН", "ЕМХАНА", role, clock.now())

    document = msgspec.json.encode(registration(CLINIC_BIN))
    agreement = msgspec.json.encode(
        {"operation": "agreement.sign", "number": CLINIC_BIN, "version": "1"}
    )
    async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as http:
        path = "/api/v1/organisations"
        for pair in (key("employee"), key("head", ISSUER_BIN)):
            refused = await http.post(path, json=body(pair, document, clock))
            assert refused.json()["code"] == "NOT_SIGNER_OF_ORG"
        other = await http.post(path, json=body(key("head"), agreement, clock))
        assert other.json()["code"] == "DOCUMENT_MALFORMED"
        opened = await http.post(path, json=body(key("head"), document, clock))
        assert opened.status_code == 201, opened.text
        assert opened.json()["status"] == "OPEN"
        assert HEAD_IIN not in opened.text
        again = await http.post(path, json=body(key("head"), document + b" ", clock))
        assert (again.status_code, again.json()["code"]) == (409, "ALREADY_REGISTERED")
        path = "/api/v1/organisations/me/agreement"
        signed = await http.post(path, json=body(key("signatory"), agreement, clock))
        assert signed.status_code == 201, signed.text
        assert "agreement_signed" not in signed.json()["readiness"]["missing"]


async def test_the_issuer_orders_policies_and_watches_them_come(
    client: Any,
    centre: Centre,
    clock: FixedClock,
    resources: Resources,
    register: Register,
    insure: Insure,
) -> None:
    await register(ISSUER_BIN, Role.ISSUER_HEAD)
    await insure(*(iin_of(n) for n in range(200, 205)))
    head = centre.issue_legal(HEAD_IIN, ISSUER_BIN, "ОМАРОВ АСАН", "ҚОР", "head", clock.now())
    document = b'{"operation":"order.issue_policies","year":2026,"regions":null}'
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        accepted = await http.post("/api/v1/orders", json=body(head, document, clock))
        assert accepted.status_code == 202, accepted.text
        order_id = accepted.json()["order_id"]
        replayed = await http.post("/api/v1/orders", json=body(head, document, clock))
        assert (replayed.status_code, replayed.json()["code"]) == (409, "DOCUMENT_ALREADY_USED")
        await jobs.run_order(resources, {"order_id": order_id})
        shown = (await http.get(f"/api/v1/orders/{order_id}")).json()
    assert (shown["status"], shown["total"], shown["done"]) == ("DONE", 5, 5)
