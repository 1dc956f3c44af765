"""Who may ask what over HTTP, and how answers and refusals look."""

import base64

import msgspec

from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from tests.conftest import Client
from tests.payments.conftest import (
    CLINIC_BIN,
    ISSUER,
    ISSUER_BIN,
    Owner,
    accept,
    act,
    cases,
    present,
)

API = "/api/v1"
OTHER_BIN = "100240000009"


async def test_parties_see_their_acts_and_nobody_elses(
    world: Resources, client: Client, owner: Owner
) -> None:
    submitted = await present(world, act("7", cases([1, 2])))
    await owner.execute(
        "UPDATE registry.organisation SET kind = 'EXECUTOR', bin = $2 WHERE organisation_id = $1",
        ISSUER,
        OTHER_BIN,
    )
    for role, bin_, seen in (
        (Role.EXECUTOR_ACCOUNTANT, CLINIC_BIN, 1),
        (Role.ISSUER_REVIEWER, ISSUER_BIN, 1),
        (Role.EXECUTOR_HEAD, OTHER_BIN, 0),
    ):
        async with client(role, bin=bin_) as http:
            listed = (await http.get(f"{API}/acts")).json()
            assert len(listed["items"]) == seen
            one = await http.get(f"{API}/acts/{submitted.act_id}")
            lines = await http.get(f"{API}/acts/{submitted.act_id}/cases?limit=1")
            assert (one.status_code == lines.status_code == 200) is bool(seen)
            if seen:
                assert (one.json()["status"], one.json()["report"]) == (
                    "CHECK_PASSED",
                    {"counts": {}, "lines": [], "notes": {}},
                )
                assert lines.json()["next"] is not None
                assert "person_id" not in lines.json()["items"][0]
            else:
                assert one.json()["code"] == "ACT_NOT_FOUND"


async def test_the_matrix_is_closed_by_default(world: Resources, client: Client) -> None:
    signed = {"document": base64.b64encode(b"{}").decode(), "signature": "AAAA"}
    anything = "01980000-0000-7000-8000-000000000001"
    bodies: dict[str, object] = {
        "/payment-orders/signatures": {
            "signatures": [{"order_id": anything, "signature": "AAAA"}],
        },
        "/acts-registers": {"source": "mhi"},
    }
    refused = [
        (Role.EXECUTOR_OPERATOR, "POST", "/acts"),
        (Role.EXECUTOR_HEAD, "POST", f"/acts/{anything}/approval"),
        (Role.ISSUER_FINANCE, "POST", f"/acts/{anything}/approval"),
        (Role.ISSUER_SIGNER, "POST", f"/acts-registers/{anything}/signature"),
        (Role.ISSUER_REVIEWER, "POST", f"/acts-registers/{anything}/dissolution"),
        (Role.EXECUTOR_HEAD, "POST", f"/acts-registers/{anything}/dissolution"),
        (Role.EXECUTOR_HEAD, "POST", "/suspensions"),
        (Role.ISSUER_REVIEWER, "POST", "/payment-orders/signatures"),
        (Role.EXECUTOR_HEAD, "GET", "/payment-orders"),
        (Role.MOH, "POST", "/acts-registers"),
        (Role.MOH, "GET", "/acts"),
    ]
    for role, method, path in refused:
        async with client(role, bin=ISSUER_BIN) as http:
            body = bodies.get(path, signed)
            answer = await http.request(method, API + path, json=body)
            assert answer.status_code == 403, (role, path, answer.text)
    async with client() as guest:
        assert (await guest.get(f"{API}/acts")).status_code == 401
    async with client(Role.EXECUTOR_HEAD, bin=CLINIC_BIN) as http:
        answer = await http.post(f"{API}/acts", json=signed)
        assert (answer.status_code, answer.json()["code"]) == (422, "SIGNATURE_INVALID")


async def test_the_issuer_reads_the_ledger_and_its_proof(world: Resources, client: Client) -> None:
    await accept(world, await present(world, act("7", cases([1]))))
    async with client(Role.ISSUER_FINANCE, bin=ISSUER_BIN) as http:
        totals = (await http.get(f"{API}/ledger/totals")).json()
        assert [t["source"] for t in totals] == ["gvfmc", "mhi"]
        assert totals[1]["accepted_tiyn"] == 100_000
        assert (await http.get(f"{API}/ledger/proof")).json()["ok"] is True
        nothing = await http.post(
            f"{API}/acts-registers", json={"source": "gvfmc"}, headers={"accept-language": "ru"}
        )
        assert (nothing.status_code, nothing.json()["code"]) == (409, "NOTHING_TO_PAY")
        assert nothing.json()["title"] == "Нет актов к оплате"


async def test_every_operation_says_how_it_is_used(client: Client) -> None:
    async with client() as guest:
        schema = msgspec.json.decode((await guest.get("/schema/openapi.json")).content)
    ours = [
        (path, method, told)
        for path, item in schema["paths"].items()
        for method, told in item.items()
        if "payments" in told.get("tags", [])
    ]
    assert len(ours) >= 20
    for path, method, told in ours:
        assert told["operationId"], path
        assert told["summary"], path
        if method == "post" and "requestBody" in told:
            [media] = told["requestBody"]["content"].values()
            assert "example" in media, path
