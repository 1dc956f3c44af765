"""From the licence's end to the contract's over HTTP, every step signed with a real key."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.conftest import MONDAY_MORNING, Client
from tests.payments.conftest import CLINIC, ISSUER_BIN, act, cases, present

DOCUMENT = {
    "number": "12-4/7", "issued_on": "2026-04-02", "issued_by": "МФБК", "sha256": "cd" * 32,
}  # fmt: skip


@pytest.fixture(scope="session")
def centre() -> Centre:
    return Centre.create(b"terminations", MONDAY_MORNING - timedelta(days=2))


@pytest.fixture
def config(config: Config, centre: Centre, tmp_path: Path) -> Config:
    centre.save(tmp_path)
    return msgspec.structs.replace(config, trust=str(tmp_path / "trust"))


async def post(
    http: httpx.AsyncClient, key: KeyPair, clock: FixedClock, path: str, document: dict[str, Any]
) -> httpx.Response:
    raw = msgspec.json.encode(document)
    cms = key.sign_cms(raw, at=clock.now())
    body = [base64.b64encode(part).decode() for part in (raw, cms)]
    return await http.post(f"/api/v1{path}", json={"document": body[0], "signature": body[1]})


async def test_the_issuer_terminates_on_the_portal(
    world: Resources, client: Client, centre: Centre, clock: FixedClock
) -> None:
    waiting = await present(world, act("1", cases([1])))
    keys = {
        role: centre.issue_legal(
            "850101300013", ISSUER_BIN, "СЕРІКОВА АЙГҮЛ", "Қор", role, clock.now()
        )
        for role in ("head", "signatory")
    }
    async with (
        client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as head,
        client(Role.ISSUER_SIGNER, bin=ISSUER_BIN) as signer,
    ):
        opening = {
            "operation": "termination.open", "executor_id": str(CLINIC), "ground": "T1",
            "effective_from": "2026-04-06", "document": DOCUMENT, "basis": "лицензиядан айыру",
        }  # fmt: skip
        opened = await post(signer, keys["signatory"], clock, "/terminations", opening)
        assert opened.status_code == 201, opened.text
        one = opened.json()["termination_id"]
        again = await post(signer, keys["signatory"], clock, "/terminations", opening)
        assert (again.status_code, again.json()["code"]) == (409, "DOCUMENT_ALREADY_USED")
        tomorrow = {**opening, "effective_from": "2026-04-07"}
        early = await post(signer, keys["signatory"], clock, "/terminations", tomorrow)
        assert (early.status_code, early.json()["code"]) == (422, "EFFECTIVE_DATE_WRONG")
        assert (await head.get(f"/api/v1/acts/{waiting.act_id}")).json()["frozen"] == "T1"

        settling = {
            "operation": "termination.settle", "termination_id": one, "verdict": "SETTLE",
            "acts": [str(waiting.act_id)], "reason": "осы күнге дейін көрсетілген",
        }  # fmt: skip
        decision = {"operation": "contract.terminate", "termination_id": one, "text": "бұзылсын"}
        # another document is not this one's, and a signatory's key is not the head's
        for key, document, code in (
            ("head", settling, "DOCUMENT_MALFORMED"),
            ("signatory", decision, "NOT_SIGNER_OF_ORG"),
        ):
            wrong = await post(head, keys[key], clock, f"/terminations/{one}/decision", document)
            assert (wrong.status_code in (403, 422), wrong.json()["code"]) == (True, code)
        elsewhere = f"/terminations/{CLINIC}/decision"
        wrong = await post(head, keys["head"], clock, elsewhere, decision)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "DOCUMENT_MALFORMED")

        decided = await post(head, keys["head"], clock, f"/terminations/{one}/decision", decision)
        assert (decided.status_code, decided.json()["status"]) == (200, "DECIDED"), decided.text
        contracts = (await head.get("/api/v1/contracts")).json()["items"]
        assert [c["contract"]["status"] for c in contracts] == ["TERMINATED_BY_ISSUER"]
        settled = await post(
            signer, keys["signatory"], clock, f"/terminations/{one}/acts", settling
        )
        assert [a["verdict"] for a in settled.json()["acts"]] == ["SETTLE"], settled.text
        approval = {
            "operation": "act.approve", "act_id": str(waiting.act_id),
            "content_sha256": waiting.content_sha256,
        }  # fmt: skip
        path = f"/acts/{waiting.act_id}/approval"
        signed = await post(head, keys["head"], clock, path, approval)
        assert signed.json()["status"] == "SIGNED_BY_ISSUER", signed.text
