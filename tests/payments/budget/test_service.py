"""Published plans and signed contracts reach the ledger once, whatever comes first."""

import asyncio

from backend.kernel.resources import Resources
from backend.payments import jobs
from backend.payments.act.model import ActStatus
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from tests.payments.conftest import CONTRACT, LINE, OTHER_LINE, PLAN, TARIFF, act, cases, present

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
