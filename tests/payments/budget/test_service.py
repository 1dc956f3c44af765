"""Published plans and signed contracts reach the ledger once, whatever comes first."""

import asyncio

from backend.kernel.resources import Resources
from backend.payments import jobs
from backend.payments.act.model import ActStatus
from backend.payments.budget import service as budget
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from tests.payments.conftest import (
    CONTRACT,
    LINE,
    OTHER_LINE,
    PLAN,
    TARIFF,
    accept,
    act,
    cases,
    present,
)

PLANNED = 250 * TARIFF  # each of two lines
CONTRACTED = 200 * TARIFF


async def test_jobs_may_come_in_any_order_and_twice(world: Resources) -> None:
    plan, contract = {"subject": str(PLAN)}, {"subject": str(CONTRACT)}
    await jobs.open_contract(world, contract)
    await asyncio.gather(
        *(jobs.fund_plan(world, plan) for _ in range(3)),
        *(jobs.open_contract(world, contract) for _ in range(3)),
    )
    db = world.db.payments
    _, mhi = await ledger.totals(db)
    assert (mhi.planned_tiyn, mhi.contracted_tiyn) == (2 * PLANNED, CONTRACTED)
    assert mhi.residue_tiyn == 2 * PLANNED - CONTRACTED
    assert await ledger.balance(db, accounts.plan_line(OTHER_LINE, "mhi")) == PLANNED
    assert (await ledger.proof(db)).ok


async def test_an_act_does_not_wait_for_the_contracts_job(world: Resources) -> None:
    submitted = await present(world, act("7", cases([1])))
    assert submitted.status is ActStatus.CHECK_PASSED
    db = world.db.payments
    assert await ledger.balance(db, accounts.contract_line(CONTRACT, LINE, "mhi")) == CONTRACTED
    await jobs.open_contract(world, {"subject": str(CONTRACT)})
    await jobs.fund_plan(world, {"subject": str(PLAN)})
    _, mhi = await ledger.totals(db)
    assert (mhi.planned_tiyn, mhi.contracted_tiyn) == (2 * PLANNED, CONTRACTED)


async def test_a_cancelled_act_gives_its_money_back_to_the_contract_once(world: Resources) -> None:
    submitted = await present(world, act("7", cases([1, 2])))
    await accept(world, submitted)
    db, at = world.db.payments, world.clock.now()
    async with db.transaction() as tx:
        assert await budget.release_act(tx, submitted.act_id, at)
        assert not await budget.release_act(tx, submitted.act_id, at)
    contract = accounts.contract_line(CONTRACT, LINE, "mhi")
    assert await ledger.balance(db, contract) == CONTRACTED
    assert await ledger.balance(db, accounts.accepted(CONTRACT, "mhi")) == 0
    assert (await ledger.proof(db)).ok


async def test_what_an_ended_contract_did_not_use_is_the_plans_again(world: Resources) -> None:
    submitted = await present(world, act("7", cases([1, 2])))
    await accept(world, submitted)
    db, at = world.db.payments, world.clock.now()
    released = []
    for cause in ("termination-1", "termination-1", "termination-2"):
        async with db.transaction() as tx:
            released.append(await budget.release_contract(tx, CONTRACT, cause, at))
    assert released == [CONTRACTED - 2 * TARIFF, 0, 0]
    assert await ledger.balance(db, accounts.plan_line(LINE, "mhi")) == PLANNED - 2 * TARIFF
    async with db.transaction() as tx:
        await budget.release_act(tx, submitted.act_id, at)
        assert await budget.release_contract(tx, CONTRACT, "termination-2", at) == 2 * TARIFF
    _, mhi = await ledger.totals(db)
    assert (mhi.residue_tiyn, mhi.contracted_tiyn) == (mhi.planned_tiyn, 0)
    assert (await ledger.proof(db)).ok
