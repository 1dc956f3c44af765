"""A signed contract follows a change of the plan: both sign, lines and money move together."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from backend.allocation.amendment import printing, service
from backend.allocation.amendment.errors import (
    AmendmentNotFound,
    AmendmentOpen,
    AmendmentStateWrong,
    ChangeNotInForce,
    LineInvalid,
    LineNotFree,
)
from backend.allocation.amendment.model import (
    Amendment,
    FormAmendment,
    LineUnits,
    ShownAmendment,
    WithdrawAmendment,
)
from backend.allocation.contract import service as contracts
from backend.allocation.contract.errors import ContentChanged, ContractNotFound
from backend.allocation.decision.record import Decision
from backend.allocation.plan_change import service as plan_changes
from backend.allocation.plan_change.errors import LineCommitted
from backend.allocation.plan_change.model import (
    AddLine,
    AnswerChange,
    ApplyChange,
    Outcome,
    PlanChange,
    SendChange,
    SetUnits,
)
from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments import jobs as payments_jobs
from backend.payments.amendment import service as money
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.ledger.errors import BalanceTooSmall
from backend.payments.ledger.model import TransferKind
from tests.allocation.conftest import (
    CDC,
    HEAD,
    PILOT_END,
    Executor,
    PublishedPlan,
    Sign,
    SignDecisionOf,
    Story,
    line,
    proof_of,
)

MOH = Actor(session_id=uuid4(), roles=frozenset({Role.MOH}), bin="123456789012")
TARIFF = 1_234_567
NEW = "2026-mhi-75-htmc"


class World(msgspec.Struct):
    """A first contract in force, of 922 consultations (TV02), and what a test does with it."""

    resources: Resources
    sign: Sign
    calendar: LegalCalendar
    plan: PublishedPlan
    contract_id: UUID
    executor: Executor

    async def change(self, *edits: Any) -> PlanChange:
        """A change of the plan, agreed with the ministry and applied."""
        db, clock = self.resources.db.allocation, self.resources.clock
        command = SendChange(self.plan.plan_id, [4], "Хаттама № 7", list(edits))
        sent = await plan_changes.send(db, clock, self.calendar, HEAD, self.sign(command, HEAD))
        answer = self.sign(AnswerChange(sent.change_id, Outcome.AGREED), MOH)
        await plan_changes.answer(db, clock, MOH, sent.change_id, answer)
        return await plan_changes.apply(
            db, clock, HEAD, sent.change_id, self.sign(ApplyChange(sent.change_id), HEAD)
        )

    async def line_id(self, code: str) -> UUID:
        found = await self.resources.db.allocation.pool.fetchval(
            "SELECT line_id FROM allocation.plan_line WHERE code = $1", code
        )
        assert isinstance(found, UUID)
        return found

    async def form(self, change: PlanChange, **units: int) -> ShownAmendment:
        lines = [LineUnits(await self.line_id(code), n) for code, n in units.items()]
        return await service.form(
            self.resources.db.allocation,
            self.resources.clock,
            self.resources.keyring,
            self.resources.config,
            self.contract_id,
            FormAmendment(change.change_id, lines),
        )

    async def issuer_signs(self, amendment_id: UUID) -> Amendment:
        db, clock = self.resources.db.allocation, self.resources.clock
        _, document = await service.document_of(db, HEAD, amendment_id)
        proof = proof_of(document, HEAD, service.ISSUER_OPERATION, clock)  # type: ignore[arg-type]
        return await service.sign_as_issuer(db, clock, HEAD, amendment_id, proof)

    async def executor_signs(
        self, amendment_id: UUID, document: bytes | None = None, who: Actor | None = None
    ) -> Amendment:
        db, clock, actor = (
            self.resources.db.payments,
            self.resources.clock,
            who or self.executor.actor,
        )
        document = document or await money.content(db, amendment_id)
        proof = proof_of(document, actor, service.EXECUTOR_OPERATION, clock)  # type: ignore[arg-type]
        return await money.sign(db, clock, actor, amendment_id, proof)

    async def balance(self, code: str = CDC) -> int:
        account = accounts.contract_line(self.contract_id, await self.line_id(code), "mhi")
        return await ledger.balance(self.resources.db.payments, account)


@pytest.fixture
async def world(
    resources: Resources,
    story: Story,
    decided: Decision,
    sign_decision: SignDecisionOf,
    sign: Sign,
    calendar: LegalCalendar,
    clock: FixedClock,
    executors: list[Executor],
) -> World:
    db = resources.db.allocation
    await sign_decision(decided)
    await payments_jobs.fund_plan(resources, {"subject": str(story.plan.plan_id)})
    formed = await contracts.of_decision(db, decided.decision_id, None, 100, "kk")
    ids = [c.contract.contract_id for c in formed]
    documents = await contracts.contents(db, ids)
    proofs = {i: proof_of(documents[i], HEAD, contracts.ISSUER_OPERATION, clock) for i in ids}
    await contracts.sign_as_issuer(db, clock, HEAD, proofs, "kk", pilot_valid_to=PILOT_END)
    mine = ids[1]  # 2026-MHI-000001 of the first executor
    actor = executors[0].actor
    proof = proof_of(documents[mine], actor, contracts.EXECUTOR_OPERATION, clock)
    await contracts.sign_as_executor(db, clock, actor, mine, proof, "kk", pilot_valid_to=PILOT_END)
    await payments_jobs.open_contract(resources, {"subject": str(mine)})
    return World(resources, sign, calendar, story.plan, mine, executors[0])


async def test_more_units_and_a_new_line_when_both_have_signed(world: World) -> None:
    new = line(NEW, service_type="htmc", planned_units=10, tariff_tiyn=5_000_000)
    change = await world.change(SetUnits(CDC, 2_600), AddLine(new))
    formed = await world.form(change, **{CDC: 1_000, NEW: 4})
    assert formed.amendment.number == "2026-MHI-000001/1"
    assert formed.amendment.amount_after_tiyn == 1_000 * TARIFF + 4 * 5_000_000
    document = msgspec.json.decode((await service.document_of(
        world.resources.db.allocation, HEAD, formed.amendment.amendment_id))[1])  # fmt: skip
    assert document["plan_change"]["no"] == change.no
    # the co-executor asked for 300 of 2000: of 1000 it carries 150 (D23)
    assert document["co_executors"][0]["lines"] == {CDC: 150}
    await world.issuer_signs(formed.amendment.amendment_id)
    assert await world.balance() == 922 * TARIFF  # nothing has moved yet
    signed = await world.executor_signs(formed.amendment.amendment_id)
    assert signed.status == "SIGNED"
    assert (await world.balance(), await world.balance(NEW)) == (1_000 * TARIFF, 4 * 5_000_000)
    shown = await contracts.contract(world.resources.db.allocation, HEAD, world.contract_id, "kk")
    assert {x.code: x.units for x in shown.lines} == {CDC: 1_000, NEW: 4}
    assert shown.contract.amount_tiyn == 922 * TARIFF
    assert shown.contract.amount_now_tiyn == signed.amount_after_tiyn
    proof = await ledger.proof(world.resources.db.payments)
    assert proof.ok
    # what is promised to the contract now binds the plan
    with pytest.raises(LineCommitted):
        await world.change(SetUnits(NEW, 3))


async def test_fewer_units_give_money_back_but_never_what_acts_have_taken(world: World) -> None:
    change = await world.change(SetUnits(CDC, 2_600))
    db, line_id = world.resources.db.payments, await world.line_id(CDC)
    taken = 400 * TARIFF  # signed acts
    async with db.transaction() as tx:
        owned = accounts.contract_line(world.contract_id, line_id, "mhi")
        accepted = accounts.accepted(world.contract_id, "mhi")
        await ledger.open_accounts(tx, [accepted])
        entries = accounts.move(taken, owned, accepted)
        await ledger.post(
            tx, "act:test", TransferKind.ACT_ACCEPTED, entries, world.resources.clock.now()
        )
    below = await world.form(change, **{CDC: 399})
    await world.issuer_signs(below.amendment.amendment_id)
    with pytest.raises(BalanceTooSmall):
        await world.executor_signs(below.amendment.amendment_id)
    assert await world.balance() == 522 * TARIFF
    kept = await service.shown(world.resources.db.allocation, HEAD, below.amendment.amendment_id)
    assert kept.amendment.status == "IN_SIGNING"
    signed = world.sign(WithdrawAmendment(below.amendment.amendment_id, "Қате"), HEAD)
    await service.withdraw(
        world.resources.db.allocation, world.resources.clock, below.amendment.amendment_id, signed
    )
    exact = await world.form(change, **{CDC: 400})
    await world.issuer_signs(exact.amendment.amendment_id)
    await world.executor_signs(exact.amendment.amendment_id)
    assert await world.balance() == 0
    assert (await ledger.proof(db)).ok


async def test_what_cannot_be_agreed_is_refused(world: World, executors: list[Executor]) -> None:
    change = await world.change(SetUnits(CDC, 2_600))
    with pytest.raises(LineNotFree) as found:
        await world.form(change, **{CDC: 922 + 101})
    assert found.value.facts["free"] == 100
    with pytest.raises(LineInvalid):
        await world.form(change, **{CDC: 922})
    with pytest.raises(LineInvalid):  # money of the other source never mixes
        await world.form(change, **{"2026-gvfmc-75-phc": 1})
    with pytest.raises(ChangeNotInForce):
        await world.form(msgspec.structs.replace(change, change_id=uuid4()), **{CDC: 950})
    formed = await world.form(change, **{CDC: 950})
    amendment_id = formed.amendment.amendment_id
    with pytest.raises(AmendmentOpen):
        await world.form(change, **{CDC: 951})
    db, mine = world.resources.db.allocation, world.executor.actor
    with pytest.raises(AmendmentNotFound):  # the issuer's own draft
        await service.shown(db, mine, amendment_id)
    with pytest.raises(AmendmentStateWrong):
        await world.executor_signs(amendment_id)
    await world.issuer_signs(amendment_id)
    assert (await service.shown(db, mine, amendment_id)).amendment.status == "IN_SIGNING"
    with pytest.raises(ContentChanged):
        await world.executor_signs(amendment_id, document=b"{}")
    stranger = executors[1].actor
    with pytest.raises(AmendmentNotFound):
        await world.executor_signs(amendment_id, who=stranger)
    with pytest.raises(AmendmentNotFound):
        await service.content_of(db, stranger, amendment_id)
    with pytest.raises(ContractNotFound):
        await service.of_contract(db, stranger, world.contract_id)
    await world.executor_signs(amendment_id)
    with pytest.raises(AmendmentStateWrong):
        await world.executor_signs(amendment_id)
    assert await world.balance() == 950 * TARIFF


async def test_it_is_printed_from_the_bytes_both_sign(world: World) -> None:
    change = await world.change(SetUnits(CDC, 2_600))
    formed = await world.form(change, **{CDC: 1_000})
    db = world.resources.db.allocation
    row, document = await service.document_of(db, HEAD, formed.amendment.amendment_id)
    made = await printing.printed(row, document)
    assert made.startswith(b"%PDF")
    if folder := os.environ.get("LOOK"):
        Path(folder, "amendment.pdf").write_bytes(made)  # noqa: ASYNC240
    assert made == await printing.printed(row, document)
    told = printing.form(row, document)
    assert told["lines"][0][2:4] == ["922", "1\N{NO-BREAK SPACE}000"]


async def test_over_http_by_the_parties_alone(world: World, client: Any) -> None:
    change = await world.change(SetUnits(CDC, 2_600))
    path = f"/api/v1/contracts/{world.contract_id}/amendments"
    body = {
        "change_id": str(change.change_id),
        "lines": [{"line_id": str(await world.line_id(CDC)), "units": 960}],
    }
    async with client(Role.ISSUER_HEAD, bin=HEAD.bin) as http:
        made = await http.post(path, json=body)
        assert made.status_code == 201
        one = f"/api/v1/contract-amendments/{made.json()['amendment']['amendment_id']}"
        assert (await http.get(one)).json() == made.json()
        assert (await http.get(f"{one}/pdf")).content.startswith(b"%PDF")
        assert (await http.get(path)).json() == [made.json()["amendment"]]
    async with client(Role.EXECUTOR_HEAD, bin=world.executor.bin) as http:
        assert (await http.get(one)).status_code == 404
        assert (await http.get(path)).json() == []
        assert (await http.post(path, json=body)).status_code == 403
    async with client(Role.ISSUER_REVIEWER, bin=HEAD.bin) as http:
        assert (await http.post(path, json=body)).status_code == 403
    await world.issuer_signs(UUID(made.json()["amendment"]["amendment_id"]))
    async with client(Role.EXECUTOR_HEAD, bin=world.executor.bin) as http:
        assert (await http.get(f"{one}/content")).status_code == 200
        refused = await http.post(f"{one}/signature", json={"signature": "AAAA"})
        assert refused.status_code == 422
