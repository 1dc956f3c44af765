"""Contracts: formed with the decision's signature, signed in order, the same bytes by both."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest

from backend.allocation.application.errors import NotInOrder
from backend.allocation.contract import service
from backend.allocation.contract.errors import (
    ContentChanged,
    ContractNotFound,
    ContractStateWrong,
)
from backend.allocation.contract.model import ContractSummary, LapseContract
from backend.allocation.decision import publication
from backend.allocation.decision import service as decisions
from backend.allocation.decision.record import Decision
from backend.allocation.decision.refusals import DecisionStateWrong, ResultChanged
from backend.allocation.plan.errors import LimitsExceeded
from backend.kernel import deadlines
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.registry.account.errors import AccountBlocked
from tests.allocation.conftest import HEAD, PILOT_END, Executor, Sign, bin_of, proof_of


@pytest.fixture
async def formed(db_allocation: Db, decided: Decision, sign_decision) -> list[ContractSummary]:  # type: ignore[no-untyped-def]
    """The five contracts of the story, in the order of signing."""
    await sign_decision(decided)
    return await service.of_decision(db_allocation, decided.decision_id, None, 100, "kk")


def ids(contracts: list[ContractSummary]) -> list[UUID]:
    return [c.contract.contract_id for c in contracts]


async def issuer_signs(db: Db, clock: FixedClock, contract_ids: list[UUID]) -> None:
    documents = await service.contents(db, contract_ids)
    proofs = {
        i: proof_of(documents[i], HEAD, service.ISSUER_OPERATION, clock) for i in contract_ids
    }
    await service.sign_as_issuer(db, clock, HEAD, proofs, "kk", pilot_valid_to=PILOT_END)


async def executor_signs(
    db: Db, clock: FixedClock, actor: Actor, contract_id: UUID, document: bytes | None = None
) -> ContractSummary:
    if document is None:
        document = (await service.contents(db, [contract_id]))[contract_id]
    proof = proof_of(document, actor, service.EXECUTOR_OPERATION, clock)
    return await service.sign_as_executor(
        db, clock, actor, contract_id, proof, "ru", pilot_valid_to=PILOT_END
    )


async def test_contracts_follow_the_applications_one_per_source(
    db_allocation: Db, formed: list[ContractSummary], executors: list[Executor]
) -> None:
    got = [
        (c.contract.seq_no, c.contract.number, c.contract.executor_bin, c.contract.amount_tiyn)
        for c in formed
    ]
    assert got == [
        (1, "2026-GVFMC-000001", executors[0].bin, 4000 * 3_000_000),
        (2, "2026-MHI-000001", executors[0].bin, 1_138_270_774),
        (3, "2026-GVFMC-000002", executors[1].bin, 250_000_000),
        (4, "2026-MHI-000002", executors[1].bin, 796_295_715),
        (5, "2026-MHI-000003", executors[2].bin, 1_151_851_011),
    ]
    first = formed[0].contract
    assert (first.status, formed[0].status_text) == ("FORMED", "Қалыптастырылды")
    assert (first.valid_from, first.valid_to) == (date(2026, 4, 14), date(2026, 12, 31))


async def test_content_has_eleven_blocks_and_the_co_executors(
    db_allocation: Db, formed: list[ContractSummary]
) -> None:
    content = (await service.contents(db_allocation, ids(formed)))[ids(formed)[1]]
    document = msgspec.json.decode(content)
    assert msgspec.json.encode(document, order="sorted") == content
    assert [b["no"] for b in document["blocks"]] == list(range(1, 12))
    assert all(b["title_kk"] and b["title_ru"] for b in document["blocks"])
    parties = document["blocks"][1]["data"]
    assert parties["co_executors"] == [
        {
            "no": 1,
            "form": "LEGAL",
            "number": bin_of(50),
            "name": "Емхана",
            "lines": [{"code": "2026-mhi-75-cdc", "units": 138}],
        }
    ]
    assert document["blocks"][2]["data"]["lines"][0]["units"] == 922


async def test_decision_is_signed_once_and_only_its_own_result(
    db_allocation: Db,
    clock: FixedClock,
    decided: Decision,
    sign_decision,
    owner: asyncpg.Connection,
) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ResultChanged):
        await sign_decision(decided, "0" * 64)
    outcomes = await asyncio.gather(
        *(sign_decision(decided) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(o, Decision) for o in outcomes) == 1
    assert sum(isinstance(o, DecisionStateWrong) for o in outcomes) == 2
    assert await owner.fetchval("SELECT count(*) FROM allocation.contract") == 5
    terms = {t.code: t for t in await deadlines.summary(db_allocation, at=clock.now())}
    assert (terms["d4"].kept, terms["d5"].running) == (1, 1)
    assert await publication.published(db_allocation, None, decided.decision_id)


async def test_issuer_signs_in_order_and_executes_the_decision(
    db_allocation: Db, clock: FixedClock, formed: list[ContractSummary], decided: Decision
) -> None:
    for early in ([1], [0, 2], [4, 3]):
        with pytest.raises(NotInOrder):
            await issuer_signs(db_allocation, clock, [ids(formed)[i] for i in early])
    await issuer_signs(db_allocation, clock, ids(formed)[1::-1])  # the first two, however listed
    with pytest.raises(ContractStateWrong):
        await issuer_signs(db_allocation, clock, ids(formed)[:1])
    clock.advance(timedelta(hours=1))
    await issuer_signs(db_allocation, clock, ids(formed)[2:])
    decision = await decisions.decision(db_allocation, HEAD, decided.decision_id)
    assert decision.status == "EXECUTED"
    terms = {t.code: t for t in await deadlines.summary(db_allocation, at=clock.now())}
    assert terms["d5"].kept == 1


async def test_executor_signs_the_same_bytes_and_the_contract_is_in_force(
    db_allocation: Db,
    clock: FixedClock,
    formed: list[ContractSummary],
    executors: list[Executor],
    owner: asyncpg.Connection,
) -> None:
    contract_id, own, other = ids(formed)[0], executors[0].actor, executors[1].actor
    with pytest.raises(ContractNotFound):  # formed is the issuer's own affair
        await executor_signs(db_allocation, clock, own, contract_id)
    await issuer_signs(db_allocation, clock, ids(formed))
    with pytest.raises(ContentChanged):
        await executor_signs(db_allocation, clock, own, contract_id, b"{}")
    with pytest.raises(ContractNotFound):
        await executor_signs(db_allocation, clock, other, contract_id)
    signed = await executor_signs(db_allocation, clock, own, contract_id)
    assert (signed.contract.status, signed.status_text) == ("SIGNED", "Подписан")
    with pytest.raises(ContractStateWrong):
        await executor_signs(db_allocation, clock, own, contract_id)
    event = await owner.fetchrow("SELECT * FROM kernel.event WHERE kind = 'ContractSigned'")
    assert event["subject"] == contract_id
    await owner.execute(
        "UPDATE registry.organisation SET status = 'BLOCKED' WHERE bin = $1", executors[2].bin
    )
    with pytest.raises(AccountBlocked):
        await executor_signs(db_allocation, clock, executors[2].actor, ids(formed)[4])


async def test_unsigned_contract_lapses_by_the_issuers_decision_only(
    db_allocation: Db,
    clock: FixedClock,
    formed: list[ContractSummary],
    executors: list[Executor],
    sign: Sign,
) -> None:
    contract_id = ids(formed)[0]

    async def lapse() -> ContractSummary:
        command = sign(LapseContract(contract_id, "Қол қойылмады"), HEAD)
        return await service.lapse(db_allocation, clock, HEAD, contract_id, command, "ru")

    with pytest.raises(ContractStateWrong):
        await lapse()
    await issuer_signs(db_allocation, clock, ids(formed))
    clock.advance(timedelta(days=60))  # time alone ends nothing (D7)
    found = await service.contract(db_allocation, executors[0].actor, contract_id, "ru")
    assert found.contract.status == "IN_SIGNING"
    assert (await lapse()).status_text == "Не заключён"
    with pytest.raises(ContractStateWrong):
        await executor_signs(db_allocation, clock, executors[0].actor, contract_id)


async def test_limit_is_looked_at_again_before_the_signature(
    decided: Decision, sign_decision, owner: asyncpg.Connection
) -> None:  # type: ignore[no-untyped-def]
    await owner.execute(
        "UPDATE allocation.financing_limit SET limit_tiyn = 3086417499 WHERE source = 'mhi'"
    )
    with pytest.raises(LimitsExceeded) as refused:
        await sign_decision(decided)
    assert refused.value.facts["over_tiyn"] == 1


async def test_contracts_are_read_by_their_parties_only(
    db_allocation: Db, clock: FixedClock, formed: list[ContractSummary], executors: list[Executor]
) -> None:
    own, other = executors[0].actor, executors[1].actor
    assert await service.contracts(db_allocation, own, None, 10, "en") == []
    await issuer_signs(db_allocation, clock, ids(formed))
    mine = await service.contracts(db_allocation, own, None, 10, "en")
    assert {c.contract.contract_id for c in mine} == set(ids(formed)[:2])
    found = await service.contract(db_allocation, own, ids(formed)[1], "en")
    assert [line.units for line in found.lines] == [922]
    moh = Actor(session_id=uuid4(), roles=frozenset({Role.MOH}), bin=bin_of(90))
    for stranger in (other, moh):
        for contract_id in (ids(formed)[1], uuid4()):
            with pytest.raises(ContractNotFound):
                await service.contract(db_allocation, stranger, contract_id, "en")
            with pytest.raises(ContractNotFound):
                await service.content_of(db_allocation, stranger, contract_id)


async def test_database_keeps_content_and_sums(
    formed: list[ContractSummary], databases, owner: asyncpg.Connection
) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await databases.allocation.pool.execute("UPDATE allocation.contract SET content = 'x'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await databases.payments.pool.fetch("SELECT content FROM allocation.contract")
    async with owner.transaction():
        with pytest.raises(asyncpg.CheckViolationError):
            async with owner.transaction():
                await owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
                await owner.execute(
                    """
                    INSERT INTO allocation.contract (
                        contract_id, number, decision_id, application_id, executor_id, source,
                        seq_no, content, content_sha256, amount_tiyn, valid_from, valid_to, formed_at
                    )
                    SELECT gen_random_uuid(), '2026-GVFMC-999999', decision_id, application_id,
                           executor_id, 'gvfmc', 99, content, content_sha256, 1, valid_from,
                           valid_to, formed_at
                      FROM allocation.contract WHERE number = '2026-MHI-000003'
                    """
                )
