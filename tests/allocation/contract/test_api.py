"""The whole placement over HTTP with real signatures of a sandbox certification centre."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.db import Db
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.allocation.conftest import CDC, ISSUER_BIN, LINES, Executor, bin_of, borne_out

IIN = "900101300017"


@pytest.fixture
def centre(clock: FixedClock, tmp_path: Path) -> Centre:
    made = Centre.create(b"allocation", clock.now(), algorithms=("gost2015-512",))
    made.save(tmp_path)
    return made


@pytest.fixture
def config(config: Config, centre: Centre, tmp_path: Path) -> Config:
    return msgspec.structs.replace(config, trust=str(tmp_path / "trust"))


class Party:
    """Somebody with a key and a session."""

    def __init__(self, http: httpx.AsyncClient, key: KeyPair, clock: FixedClock) -> None:
        self.http, self.key, self.clock = http, key, clock

    def sign(self, **document: Any) -> dict[str, str]:
        raw = msgspec.json.encode(document)
        return {"document": base64.b64encode(raw).decode(), "signature": self.cms(raw)}

    def cms(self, raw: bytes) -> str:
        return base64.b64encode(self.key.sign_cms(raw, at=self.clock.now())).decode()

    async def post(self, path: str, body: Any = None, status: int = 201) -> Any:
        answer = await self.http.post(f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str) -> Any:
        answer = await self.http.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def issuer(client: Any, centre: Centre, clock: FixedClock) -> AsyncIterator[Party]:
    key = centre.issue_legal(IIN, ISSUER_BIN, "БАСШЫ ҚОР", "ҚОР", "head", clock.now())
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        yield Party(http, key, clock)


@pytest.fixture
async def clinic(
    client: Any, centre: Centre, clock: FixedClock, executors: list[Executor]
) -> AsyncIterator[Party]:
    key = centre.issue_legal(IIN, executors[0].bin, "БАСШЫ ЕМХАНА", "ЕМХАНА", "head", clock.now())
    async with client(Role.EXECUTOR_HEAD, bin=executors[0].bin) as http:
        yield Party(http, key, clock)


@pytest.mark.usefixtures("rated")
async def test_placement_from_plan_to_contract(
    issuer: Party,
    clinic: Party,
    clock: FixedClock,
    client: Any,
    centre: Centre,
    db_allocation: Db,
    owner: Any,
) -> None:
    lines = msgspec.to_builtins(LINES)
    limits = {"gvfmc": 10**13, "mhi": 10**13}
    document = {"operation": "plan.import", "year": 2026, "limits": limits, "lines": lines}
    plan = await issuer.post("/plans", issuer.sign(**document))
    path = f"/plans/{plan['plan_id']}"
    await issuer.post(
        f"{path}/approval", issuer.sign(operation="plan.approve", plan_id=plan["plan_id"])
    )
    posted = await issuer.post(
        f"{path}/publication", issuer.sign(operation="plan.publish", plan_id=plan["plan_id"])
    )
    public = (await clinic.get(f"/public{path}/lines"))["items"]
    line_id = next(line["line_id"] for line in public if line["code"] == CDC)

    application: dict[str, Any] = {
        "operation": "application.submit",
        "announcement_id": posted["announcement_id"],
        "lines": [{"line_id": line_id, "requested": 2000}],
        "tax_info": {"debt_tiyn": 0, "untimely_payments": False, "as_of": "2026-04-01"},
    }
    path = f"/announcements/{posted['announcement_id']}/applications"
    forged = clinic.sign(**application)
    forged["document"] = base64.b64encode(
        base64.b64decode(forged["document"]).replace(b"2000", b"9000")
    ).decode()
    refused = await clinic.post(path, forged, status=422)
    assert refused["code"] == "SIGNATURE_INVALID"
    stranger = centre.issue_legal(IIN, bin_of(2), "БӨТЕН", "БӨТЕН", "head", clock.now())
    signed_by_other = Party(clinic.http, stranger, clock).sign(**application)
    assert (await clinic.post(path, signed_by_other, 403))["code"] == "NOT_SIGNER_OF_ORG"
    odd = await clinic.post(path, clinic.sign(**application, paid_care_undertaking=True), 422)
    assert odd["code"] == "DOCUMENT_MALFORMED"
    taken = await clinic.post(path, clinic.sign(**application))
    assert taken["seq_no"] == 1
    again = await clinic.post(path, clinic.sign(**application), status=409)
    assert again["code"] == "DOCUMENT_ALREADY_USED"

    queue = (await issuer.get(path))["items"]
    assert [a["application_id"] for a in queue] == [taken["application_id"]]
    review = issuer.sign(
        operation="application.review",
        application_id=taken["application_id"],
        decision="accept",
    )
    # no outside system is connected: nothing is known, and the unknown never passes (D28)
    unknown = await issuer.post(f"/applications/{taken['application_id']}/review", review, 409)
    assert (unknown["code"], unknown["path"]) == ("EVIDENCE_UNKNOWN", "tax_info")
    told = await issuer.post(f"/applications/{taken['application_id']}/confirmations", {}, 200)
    assert [(c["kind"], c["status"]) for c in told] == [("TAX", "UNKNOWN")]
    await owner.execute("DELETE FROM allocation.confirmation")
    await borne_out(db_allocation, UUID(taken["application_id"]), clock.now())
    await issuer.post(f"/applications/{taken['application_id']}/review", review)
    clock.advance(timedelta(days=9))
    async with (
        client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as issuer.http,
        client(Role.EXECUTOR_HEAD, bin=clinic_bin(clinic)) as clinic.http,
    ):
        late = await clinic.post(path, clinic.sign(**application, htmc=[]), status=409)
        assert late["code"] == "WINDOW_CLOSED"
        assert "2026-04-13T23:59:59" in late["detail"]
        await _decide_and_sign(issuer, clinic, posted["announcement_id"])


def clinic_bin(_: Party) -> str:
    return bin_of(1)


async def _decide_and_sign(issuer: Party, clinic: Party, announcement_id: str) -> None:
    decision = await issuer.post(f"/announcements/{announcement_id}/decision")
    path = f"/decisions/{decision['decision_id']}"
    signed = await issuer.post(
        f"{path}/signature",
        issuer.sign(
            operation="decision.sign",
            decision_id=decision["decision_id"],
            result_sha256=decision["result_sha256"],
        ),
    )
    assert signed["status"] == "SIGNED"
    (formed,) = (await issuer.get(f"{path}/contracts"))["items"]
    contract_id = formed["contract"]["contract_id"]
    path = f"/contracts/{contract_id}"
    raw = base64.b64decode((await issuer.get(f"{path}/content"))["content"])
    forged = {"signatures": [{"contract_id": contract_id, "signature": issuer.cms(raw + b" ")}]}
    refused = await issuer.post("/contracts/signatures", forged, status=422)
    assert (refused["code"], refused["path"]) == ("SIGNATURE_INVALID", "signatures[0].signature")
    body = {"signatures": [{"contract_id": contract_id, "signature": issuer.cms(raw)}]}
    (by_issuer,) = await issuer.post("/contracts/signatures", body)
    assert by_issuer["contract"]["status"] == "IN_SIGNING"
    raw = base64.b64decode((await clinic.get(f"{path}/content"))["content"])
    done = await clinic.post(f"{path}/signature", {"signature": clinic.cms(raw)})
    assert done["contract"]["status"] == "SIGNED"
    assert (await clinic.get(path))["lines"][0]["units"] == 950


async def test_roles_are_kept_apart(client: Any, executors: list[Executor]) -> None:
    nobody = "01980000-0000-7000-8000-000000000001"
    signed = {"document": "e30=", "signature": "e30="}
    async with client(Role.EXECUTOR_HEAD, bin=executors[0].bin) as http:
        for path in (
            "/plans",
            f"/plans/{nobody}/approval",
            f"/applications/{nobody}/review",
            f"/announcements/{nobody}/decision",
            f"/decisions/{nobody}/signature",
        ):
            answer = await http.post(f"/api/v1{path}", json=signed)
            assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), path
        for path in ("/plans", f"/announcements/{nobody}/applications"):
            assert (await http.get(f"/api/v1{path}")).status_code == 403
    async with client(Role.ISSUER_SIGNER, bin=ISSUER_BIN) as http:
        for path in (
            f"/plans/{nobody}/approval",  # the head's alone
            f"/decisions/{nobody}/signature",
            f"/announcements/{nobody}/applications",
            f"/contracts/{nobody}/signature",
        ):
            assert (await http.post(f"/api/v1{path}", json=signed)).status_code == 403, path
    async with client() as guest:
        assert (await guest.get("/api/v1/public/announcements")).status_code == 200
        assert (await guest.get("/api/v1/contracts")).status_code == 401


async def test_every_statement_answers_in_the_shape_it_promises(
    owner: asyncpg.Connection,
) -> None:
    import typing

    from backend.allocation.application import queries as application
    from backend.allocation.contract import queries as contract
    from backend.allocation.decision import queries as decision
    from backend.allocation.plan import queries as plan
    from backend.allocation.rating import queries as rating
    from backend.kernel.db import Query

    for module in (plan, rating, application, decision, contract):
        for name, query in vars(module).items():
            if not isinstance(query, Query):
                continue
            statement = await owner.prepare(query.sql)
            columns = [a.name for a in statement.get_attributes()]
            shape = typing.get_args(query.__orig_class__)[0]  # type: ignore[attr-defined]
            if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
                wanted = [f.name for f in msgspec.structs.fields(shape)]
                renamed = {"grp": "group"}
                assert [renamed.get(c, c) for c in columns] == wanted, name
