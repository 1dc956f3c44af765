"""One approval, every contract sealed in order by the server's real key; a job cut off goes on."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from backend.allocation.contract import sealing, service, upkeep
from backend.allocation.contract.errors import ContractNotFound
from backend.allocation.decision.record import Decision
from backend.app.asgi import create_app
from backend.kernel.actor import Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from infra.sandbox.nca import keyfile
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from tests.allocation.conftest import ISSUER_BIN, PILOT_END, Executor, SignDecisionOf, proof_of
from tests.conftest import open_session

Owner = asyncpg.Connection  # type: ignore[type-arg]
IIN = "900101300017"
PASSWORD = "a test's"


@pytest.fixture
def centre(clock: FixedClock, tmp_path: Path) -> Centre:
    made = Centre.create(b"sealing", clock.now(), algorithms=("gost2015-512",))
    made.save(tmp_path)
    return made


@pytest.fixture
def config(config: Config, centre: Centre, tmp_path: Path, clock: FixedClock) -> Config:
    pair = centre.issue_information_system(ISSUER_BIN, "ҚОР", "SAQTAU", clock.now())
    (tmp_path / "seal.p12").write_bytes(keyfile.dump(pair, PASSWORD))
    return msgspec.structs.replace(
        config,
        trust=str(tmp_path / "trust"),
        seal_issuer=str(tmp_path / "seal.p12"),
        seal_issuer_password=PASSWORD,
    )


@pytest.fixture
def head(centre: Centre, clock: FixedClock) -> KeyPair:
    return centre.issue_legal(IIN, ISSUER_BIN, "БАСШЫ ҚОР", "ҚОР", "head", clock.now())


@pytest.fixture
async def formed(decided: Decision, sign_decision: SignDecisionOf) -> UUID:
    """A signed decision with its five contracts."""
    return (await sign_decision(decided)).decision_id


@pytest.fixture
async def issuer(client: Any, formed: UUID) -> AsyncIterator[Any]:
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        yield http


def body(pair: KeyPair, clock: FixedClock, **document: Any) -> dict[str, str]:
    raw = msgspec.json.encode(document)
    return {
        "document": base64.b64encode(raw).decode(),
        "signature": base64.b64encode(pair.sign_cms(raw, at=clock.now())).decode(),
    }


async def approve(
    http: Any, pair: KeyPair, clock: FixedClock, decision_id: UUID, **other: Any
) -> Any:
    path = f"/api/v1/decisions/{decision_id}/contracts"
    named = (await http.get(f"{path}/approvable")).json()
    document = {
        "operation": "contract.approve_all",
        "decision_id": str(decision_id),
        "contracts": named["contracts"],
        "contents_sha256": named["contents_sha256"],
    }
    return await http.post(f"{path}/approval", json=body(pair, clock, **(document | other)))


async def test_one_approval_seals_every_contract_in_order(
    issuer: Any,
    head: KeyPair,
    resources: Resources,
    clock: FixedClock,
    formed: UUID,
    owner: Owner,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contents = await owner.fetch("SELECT content FROM allocation.contract ORDER BY seq_no")
    digests = b"".join(hashlib.sha256(row["content"]).digest() for row in contents)
    named = await sealing.approvable(resources.db.allocation, formed)
    assert named.contents_sha256 == hashlib.sha256(digests).hexdigest()
    assert (named.contracts, named.waiting) == (5, 5)

    accepted = await approve(issuer, head, clock, formed)
    assert accepted.status_code == 202, accepted.text
    assert (accepted.json()["contracts"], accepted.json()["sealed"]) == (5, 0)
    again = await approve(issuer, head, clock, formed, contracts=5)
    assert again.json()["code"] in {"DOCUMENT_ALREADY_USED", "CONTRACT_STATE_WRONG"}

    monkeypatch.setattr(sealing, "CHUNK", 2)
    signing, chunks = service.sign_as_issuer, 0

    async def cut_off(*arguments: Any, **named: Any) -> Any:
        nonlocal chunks
        chunks += 1
        if chunks == 2:
            raise ConnectionError("the worker died")
        return await signing(*arguments, **named)

    monkeypatch.setattr(service, "sign_as_issuer", cut_off)
    with pytest.raises(ConnectionError):
        await sealing.carry_out(resources, formed)
    half = (await issuer.get(f"/api/v1/decisions/{formed}/contracts/approval")).json()
    assert (half["sealed"], half["finished_at"]) == (2, None)
    await sealing.carry_out(resources, formed)
    await sealing.carry_out(resources, formed)  # nothing is left: nothing happens

    done = (await issuer.get(f"/api/v1/decisions/{formed}/contracts/approval")).json()
    assert done["sealed"] == 5
    assert done["finished_at"] is not None
    rows = await owner.fetch(
        """
        SELECT c.status, e.signer_bin, e.document = c.content AS same
          FROM allocation.contract c JOIN signing.evidence e ON e.evidence_id = c.issuer_evidence_id
         ORDER BY c.seq_no
        """
    )
    assert [tuple(row) for row in rows] == [("IN_SIGNING", ISSUER_BIN, True)] * 5
    status = await owner.fetchval("SELECT status FROM allocation.decision")
    assert status == "EXECUTED"


async def test_an_approval_of_other_contracts_is_refused(
    issuer: Any,
    head: KeyPair,
    clock: FixedClock,
    formed: UUID,
    centre: Centre,
    client: Any,
    executors: list[Executor],
) -> None:
    for other in ({"contracts": 4}, {"contents_sha256": "0" * 64}):
        refused = await approve(issuer, head, clock, formed, **other)
        assert (refused.status_code, refused.json()["code"]) == (409, "APPROVAL_OUTDATED")
    employee = centre.issue_legal(IIN, ISSUER_BIN, "МАМАН", "ҚОР", "employee", clock.now())
    refused = await approve(issuer, employee, clock, formed)
    assert refused.json()["code"] == "NOT_SIGNER_OF_ORG"
    path = f"/api/v1/decisions/{formed}/contracts"
    for role, bin_ in ((Role.EXECUTOR_HEAD, executors[0].bin), (Role.ISSUER_REVIEWER, ISSUER_BIN)):
        async with client(role, bin=bin_) as http:
            refused = await http.post(f"{path}/approval", json={"document": "e30="})
            assert refused.status_code == 403
    assert (await issuer.get(f"{path}/approval")).json()["code"] == "SEALING_NOT_FOUND"


async def test_without_a_seal_nothing_is_approved(
    client: Any, resources: Resources, head: KeyPair, clock: FixedClock, formed: UUID
) -> None:
    bare = msgspec.structs.replace(
        resources, config=msgspec.structs.replace(resources.config, seal_issuer="")
    )
    token = await open_session(bare, Role.ISSUER_HEAD, bin=ISSUER_BIN)
    transport: Any = httpx.ASGITransport(app=create_app(bare.config, bare))  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://saqtau.test",
        headers={"Authorization": f"Bearer {token}"},
    ) as http:
        refused = await approve(http, head, clock, formed)
        assert (refused.status_code, refused.json()["code"]) == (503, "SEAL_MISSING")


async def test_a_decision_without_contracts_has_nothing_to_approve(db_allocation: Db) -> None:
    with pytest.raises(ContractNotFound):
        await sealing.approvable(db_allocation, UUID(int=7))


async def test_the_paper_is_for_the_parties_and_carries_the_signed_bytes(
    issuer: Any, client: Any, formed: UUID, executors: list[Executor], resources: Resources
) -> None:
    first = (await issuer.get(f"/api/v1/decisions/{formed}/contracts")).json()["items"][1]
    path = f"/api/v1/contracts/{first['contract']['contract_id']}/pdf"
    shown = await issuer.get(path)
    assert shown.status_code == 200, shown.text
    assert shown.headers["content-type"] == "application/pdf"
    assert shown.content.startswith(b"%PDF")
    assert b"2026-MHI-000001.json" in shown.content
    assert (await issuer.get(path)).content == shown.content
    async with client(Role.EXECUTOR_HEAD, bin=executors[0].bin) as http:
        hidden = await http.get(path)  # formed only: the issuer's own affair
        assert hidden.json()["code"] == "CONTRACT_NOT_FOUND"
    async with client(Role.EXECUTOR_HEAD, bin=executors[3].bin) as http:
        assert (await http.get(path)).json()["code"] == "CONTRACT_NOT_FOUND"


async def test_the_executor_is_reminded_once_after_three_working_days(
    resources: Resources,
    clock: FixedClock,
    calendar: LegalCalendar,
    formed: UUID,
    issuer: Any,
    head: KeyPair,
    owner: Owner,
) -> None:
    db = resources.db.allocation
    await approve(issuer, head, clock, formed)
    await sealing.carry_out(resources, formed)  # Tuesday 14 April
    clock.advance(timedelta(days=3))
    assert await upkeep.remind(db, clock, calendar) == 0  # Friday, the third day, is not over
    clock.advance(timedelta(days=1))
    assert await upkeep.remind(db, clock, calendar) == 5
    clock.advance(timedelta(days=30))
    assert await upkeep.remind(db, clock, calendar) == 0
    statuses = await owner.fetch("SELECT DISTINCT status FROM allocation.contract")
    assert [row["status"] for row in statuses] == ["IN_SIGNING"]  # a reminder ends nothing
    told = "SELECT count(*) FROM kernel.event WHERE kind = 'ContractSignatureDue'"
    assert await owner.fetchval(told) == 5


async def test_a_contract_in_force_ends_after_its_last_day(
    resources: Resources,
    clock: FixedClock,
    formed: UUID,
    issuer: Any,
    head: KeyPair,
    executors: list[Executor],
) -> None:
    db = resources.db.allocation
    await approve(issuer, head, clock, formed)
    await sealing.carry_out(resources, formed)
    first = (await service.of_decision(db, formed, None, 1, "kk"))[0].contract
    document = (await service.contents(db, [first.contract_id]))[first.contract_id]
    actor = executors[0].actor
    proof = proof_of(document, actor, service.EXECUTOR_OPERATION, clock)
    await service.sign_as_executor(
        db, clock, actor, first.contract_id, proof, "kk", pilot_valid_to=PILOT_END
    )
    clock.set(datetime(2026, 12, 31, 18, 59, tzinfo=UTC))  # 23:59 of the last day
    assert await upkeep.expire(db, clock) == 0
    clock.advance(timedelta(minutes=1))
    assert await upkeep.expire(db, clock) == 1
    assert await upkeep.expire(db, clock) == 0
    shown = await service.contract(db, actor, first.contract_id, "ru")
    assert (shown.contract.status, shown.status_text) == ("EXPIRED", "Срок истёк")
