"""The ledger keeps its laws by itself: zero sums, no balance below zero, nothing changed afterwards."""

import asyncio
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.payments.ledger import accounts, rules, service
from backend.payments.ledger.errors import BalanceTooSmall, CauseReused
from backend.payments.ledger.model import Account, Entry, Source, TransferKind

LINE = UUID(int=1)
CONTRACT = UUID(int=2)
MHI: Source = "mhi"
BUDGET = accounts.budget(MHI)
PLAN = accounts.plan_line(LINE, MHI)
CONTRACTED = accounts.contract_line(CONTRACT, LINE, MHI)
ACCEPTED = accounts.accepted(CONTRACT, MHI)


async def move(
    db: Db, clock: FixedClock, cause: str, amount: int, giver: Account, taker: Account
) -> bool:
    async with db.transaction() as tx:
        await service.open_accounts(tx, [giver, taker])
        return await service.post(
            tx, cause, TransferKind.PLAN_FUNDED, accounts.move(amount, giver, taker), clock.now()
        )


@pytest.fixture
async def planned(db_payments: Db, clock: FixedClock) -> Db:
    """A plan line of 1 000 tiyn."""
    await move(db_payments, clock, "plan", 1_000, BUDGET, PLAN)
    return db_payments


async def test_money_goes_down_the_road_and_adds_up(planned: Db, clock: FixedClock) -> None:
    await move(planned, clock, "contract", 700, PLAN, CONTRACTED)
    await move(planned, clock, "act", 200, CONTRACTED, ACCEPTED)
    gvfmc, mhi = await service.totals(planned)
    assert (gvfmc.source, gvfmc.planned_tiyn, gvfmc.contracted_tiyn) == ("gvfmc", 0, 0)
    assert (mhi.planned_tiyn, mhi.residue_tiyn, mhi.contracted_tiyn) == (1_000, 300, 700)
    assert (mhi.accepted_tiyn, mhi.ordered_tiyn, mhi.paid_tiyn) == (200, 0, 0)
    proof = await service.proof(planned)
    assert proof.ok
    assert (proof.transfers, proof.entries) == (3, 6)


async def test_a_cause_counts_once(planned: Db, clock: FixedClock) -> None:
    outcomes = await asyncio.gather(
        *(move(planned, clock, "contract", 100, PLAN, CONTRACTED) for _ in range(12))
    )
    assert sum(outcomes) == 1
    assert await service.balance(planned, CONTRACTED) == 100
    with pytest.raises(CauseReused):
        await move(planned, clock, "contract", 101, PLAN, CONTRACTED)


async def test_64_at_once_take_exactly_what_there_is(planned: Db, clock: FixedClock) -> None:
    outcomes = await asyncio.gather(
        *(move(planned, clock, f"act {n}", 30, PLAN, CONTRACTED) for n in range(64)),
        return_exceptions=True,
    )
    assert sum(o is True for o in outcomes) == 33
    assert sum(isinstance(o, BalanceTooSmall) for o in outcomes) == 31
    assert await service.balance(planned, PLAN) == 10
    assert (await service.proof(planned)).ok


async def test_opposite_transfers_do_not_block_each_other(planned: Db, clock: FixedClock) -> None:
    await move(planned, clock, "contract", 500, PLAN, CONTRACTED)
    await asyncio.gather(
        *(
            move(planned, clock, f"{n}", 1, *((PLAN, CONTRACTED) if n % 2 else (CONTRACTED, PLAN)))
            for n in range(60)
        )
    )
    assert await service.balance(planned, PLAN) == 500


async def attempt(db: Db, *statements: tuple[str, tuple[object, ...]]) -> None:
    async with db.transaction() as tx:
        for sql, args in statements:
            await tx.connection.execute(sql, *args)


ADD_TRANSFER = "INSERT INTO payments.transfer (transfer_id, kind, cause, at) VALUES ($1, 'x', $2, '2026-01-01')"
ADD_ENTRY = "INSERT INTO payments.entry (transfer_id, account, amount_tiyn) VALUES ($1, $2, $3)"


async def test_the_database_itself_refuses_what_a_ledger_may_not_hold(planned: Db) -> None:
    new = uuid4()
    old = rules.transfer_id("plan")
    lop_sided = [(ADD_TRANSFER, (new, "new")), (ADD_ENTRY, (new, PLAN.account, -5))]
    with pytest.raises(asyncpg.CheckViolationError, match="sums to zero"):
        await attempt(planned, *lop_sided)
    with pytest.raises(asyncpg.CheckViolationError, match="sums to zero"):
        await attempt(planned, (ADD_TRANSFER, (new, "nothing")))
    mixed = accounts.plan_line(uuid4(), "gvfmc")
    async with planned.transaction() as tx:
        await service.open_accounts(tx, [mixed, CONTRACTED])
    with pytest.raises(asyncpg.CheckViolationError, match="sums to zero"):
        await attempt(planned, *lop_sided, (ADD_ENTRY, (new, mixed.account, 5)))
    late = (ADD_ENTRY, (old, CONTRACTED.account, 5))
    with pytest.raises(asyncpg.PostgresError, match="closed"):
        await attempt(planned, late)
    for forbidden in (
        "UPDATE payments.ledger_account SET balance_tiyn = 0",
        "INSERT INTO payments.ledger_account (account, source, may_go_negative, balance_tiyn)"
        " VALUES ('plan:x', 'mhi', false, 5)",
        "UPDATE payments.entry SET amount_tiyn = 1",
        "DELETE FROM payments.transfer",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await attempt(planned, (forbidden, ()))
    with pytest.raises(asyncpg.CheckViolationError):
        await attempt(
            planned,
            (
                "INSERT INTO payments.ledger_account (account, source, may_go_negative)"
                " VALUES ('cash:kbsh:mhi', 'mhi', true)",
                (),
            ),
        )
    assert (await service.proof(planned)).ok


async def test_the_proof_finds_what_an_owner_of_the_database_changed(
    planned: Db, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    for statement in (
        "UPDATE payments.entry SET amount_tiyn = 1",
        "DELETE FROM payments.entry",
        "TRUNCATE payments.transfer CASCADE",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)
    await owner.execute(
        "UPDATE payments.ledger_account SET balance_tiyn = 999 WHERE account = $1", PLAN.account
    )
    proof = await service.proof(planned)
    assert not proof.ok
    assert [(d.account, d.kept_tiyn, d.counted_tiyn) for d in proof.differences] == [
        (PLAN.account, 999, 1_000)
    ]


STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 600)).filter(
        lambda s: s[0] != s[1]
    ),
    min_size=1,
    max_size=12,
)


@given(steps=STEPS)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_is_moved_nothing_is_lost_and_nothing_below_zero(
    planned: Db, clock: FixedClock, steps: list[tuple[int, int, int]]
) -> None:
    everyone = [BUDGET, PLAN, CONTRACTED, ACCEPTED]
    expected = {a.account: await service.balance(planned, a) for a in everyone}
    async with planned.transaction() as tx:
        await service.open_accounts(tx, everyone)
    for giver, taker, amount in steps:
        g, t = everyone[giver], everyone[taker]
        enough = g.may_go_negative or expected[g.account] >= amount
        try:
            await move(planned, clock, str(uuid4()), amount, g, t)
        except BalanceTooSmall:
            assert not enough
        else:
            assert enough
            expected[g.account] -= amount
            expected[t.account] += amount
    assert {a.account: await service.balance(planned, a) for a in everyone} == expected
    assert sum(expected.values()) == 0
    assert (await service.proof(planned)).ok


def test_entries_of_one_account_are_netted() -> None:
    entries = [Entry("a", 5), Entry("b", -5), Entry("a", 2), Entry("c", 3), Entry("c", -3)]
    assert rules.netted(entries) == [Entry("a", 7), Entry("b", -5)]
    with pytest.raises(ValueError, match="above zero"):
        accounts.move(0, PLAN, CONTRACTED)
