"""From act to money over HTTP, every step signed with a real key of the sandbox centre."""

import base64
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from backend.payments import jobs
from infra.sandbox import treasury
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox
from tests.conftest import Client
from tests.payments.conftest import (
    CLINIC_BIN,
    CONTRACT,
    DAY,
    DOCTOR_IIN,
    FROM,
    ISSUER_BIN,
    LINE,
    TARIFF,
    TO,
    iin,
)
from tests.payments.treasury.conftest import MOH_BIN

PERSON = "850101300013"


@pytest.fixture
def config(config: Config, centre: Centre, tmp_path: Path) -> Config:
    centre.save(tmp_path)
    return msgspec.structs.replace(config, trust=str(tmp_path / "trust"))


class Party:
    """Somebody with a session and a key."""

    def __init__(self, http: httpx.AsyncClient, key: KeyPair | None, clock: FixedClock) -> None:
        self.http, self.key, self.clock = http, key, clock

    def cms(self, raw: bytes) -> str:
        assert self.key is not None
        return base64.b64encode(self.key.sign_cms(raw, at=self.clock.now())).decode()

    def sign(self, document: dict[str, Any]) -> dict[str, str]:
        raw = msgspec.json.encode(document)
        return {"document": base64.b64encode(raw).decode(), "signature": self.cms(raw)}

    async def post(self, path: str, body: Any, status: int) -> Any:
        answer = await self.http.post(f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str) -> Any:
        answer = await self.http.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


ACT: dict[str, Any] = {
    "operation": "act.submit",
    "contract_id": str(CONTRACT),
    "number": "2026-03/1",
    "period_from": FROM.isoformat(),
    "period_to": TO.isoformat(),
    "cases": [
        {
            "service_record_id": f"MIS-{n}",
            "iin": iin(n),
            "worker_iin": DOCTOR_IIN,
            "service_code": "A02.004.000",
            "line_id": str(LINE),
            "units": 1,
            "service_date": DAY.isoformat(),
        }
        for n in (1, 2, 3)
    ],
}


async def test_from_act_to_money(
    world: Resources,
    client: Client,
    centre: Centre,
    clock: FixedClock,
    sandbox: Sandbox,
    finance: KeyPair,
) -> None:
    def key(bin_: str, role: str) -> KeyPair:
        return centre.issue_legal(PERSON, bin_, "СЕРІКОВА АЙГҮЛ", "Ұйым", role, clock.now())

    async with (
        client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as clinic_http,
        client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as head_http,
        client(Role.ISSUER_FINANCE, bin=ISSUER_BIN) as finance_http,
        client(Role.MOH, bin=MOH_BIN) as moh_http,
    ):
        clinic = Party(clinic_http, key(CLINIC_BIN, "head"), clock)
        head = Party(head_http, key(ISSUER_BIN, "head"), clock)
        office = Party(finance_http, finance, clock)
        ministry = Party(moh_http, None, clock)

        act = await _accepted_act(clinic, head, office)
        invoice = {
            "operation": "invoice.issue",
            "act_id": act["act_id"],
            "number": "ESF-1",
            "issued_on": "2026-04-06",
            "contract_id": str(CONTRACT),
            "period_from": FROM.isoformat(),
            "period_to": TO.isoformat(),
            "total_tiyn": 3 * TARIFF,
        }
        path = f"/acts/{act['act_id']}/invoice"
        issued = await clinic.post(path, clinic.sign(invoice), 201)
        await jobs.register_invoice(world, {"invoice_id": issued["invoice_id"]})
        assert (await clinic.get(path))["status"] == "LINKED"

        await _funded(office, ministry)
        register = await office.post("/acts-registers", {"source": "mhi"}, 201)
        assert len(register["rows"][0]) == 13
        document = {
            "operation": "register.sign",
            "register_id": register["register_id"],
            "content_sha256": register["content_sha256"],
        }
        path = f"/acts-registers/{register['register_id']}/signature"
        # the head's session, but the accountant's key
        refused = await head.post(path, office.sign(document), 403)
        assert refused["code"] == "NOT_SIGNER_OF_ORG"
        assert (await head.post(path, head.sign(document), 200))["status"] == "SIGNED"

        await jobs.deliver_register(world, {"register_id": register["register_id"]})
        assert (await office.get(f"/acts-registers/{register['register_id']}"))["status"] == "SENT"

        orders = await office.get(f"/payment-orders?register_id={register['register_id']}")
        [order] = orders["items"]
        message = base64.b64decode(order["message"])
        for wrong in (office.cms(message + b" "), clinic.cms(message)):
            body = {"signatures": [{"order_id": order["order_id"], "signature": wrong}]}
            answer = await office.http.post("/api/v1/payment-orders/signatures", json=body)
            assert answer.json()["code"] in ("SIGNATURE_INVALID", "NOT_SIGNER_OF_ORG")
        right = {"order_id": order["order_id"], "signature": office.cms(message)}
        taken = await office.post("/payment-orders/signatures", {"signatures": [right]}, 200)
        assert taken == {"signed": 1, "refused": []}
        again = await office.post("/payment-orders/signatures", {"signatures": [right]}, 200)
        assert again["refused"][0]["code"] == "PAYMENT_ORDER_STATE_WRONG"
        for _ in range(2):
            await jobs.send_order(world, {"order_id": order["order_id"]})
        assert (await office.get(f"/payment-orders/{order['order_id']}"))["status"] == "EXECUTED"
        assert (await clinic.get(f"/acts/{act['act_id']}"))["status"] == "PAID"
        assert [o.executed for o in treasury.state(sandbox).orders.values()] == [1]
        _, mhi = await office.get("/ledger/totals")
        assert mhi["paid_tiyn"] == 3 * TARIFF


async def _accepted_act(clinic: Party, head: Party, office: Party) -> Any:
    act = await clinic.post("/acts", clinic.sign(ACT), 201)
    assert (act["status"], act["no_qr"], act["total_tiyn"]) == ("CHECK_PASSED", 0, 3 * TARIFF)
    assert (await clinic.post("/acts", clinic.sign(ACT), 409))["code"] == "DUPLICATE_ACT"
    approval = {
        "operation": "act.approve",
        "act_id": act["act_id"],
        "content_sha256": act["content_sha256"],
    }
    path = f"/acts/{act['act_id']}/approval"
    # another act's address, another operation's signature, another organisation's key
    assert (await head.post(f"/acts/{CONTRACT}/approval", head.sign(approval), 422))["code"] == (
        "DOCUMENT_MALFORMED"
    )
    assert (await head.post(path, head.sign({**approval, "operation": "act.reject"}), 422))[
        "code"
    ] == "DOCUMENT_MALFORMED"
    assert (await head.post(path, clinic.sign(approval), 403))["code"] == "NOT_SIGNER_OF_ORG"
    assert (await head.post(path, office.sign(approval), 403))["code"] == "NOT_SIGNER_OF_ORG"
    return await head.post(path, head.sign(approval), 200)


async def _funded(office: Party, ministry: Party) -> None:
    amount = 10 * TARIFF
    asked = {"number": "1", "source": "moh_mhi", "payer_bin": MOH_BIN, "amount_tiyn": amount}
    invoice = await office.post("/funding/invoices", asked, 201)
    came = {
        "reference": "MOH-1",
        "source": "moh_mhi",
        "invoice_id": invoice["invoice_id"],
        "amount_tiyn": amount,
    }
    await ministry.post("/funding/transfers", came, 201)
    moved = {"operation": "funding.move", "reference": "NBK-1", "amount_tiyn": amount}
    await office.post("/funding/moves", office.sign(moved), 201)
    [_, mhi] = await office.get("/funding/money")
    assert (mhi["nbk_tiyn"], mhi["kbsh_tiyn"]) == (0, amount)
