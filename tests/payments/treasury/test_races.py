"""Two at once, and answers out of turn: what stands afterwards is one story, and money moved once.

Who waits for whom is held by a lock of the test's own, so that the order of things is no matter of luck.
"""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus, ActWithReport, Mark
from backend.payments.act.service import read as acts
from backend.payments.cancellation import service as cancellation
from backend.payments.cancellation.errors import InvoiceStands
from backend.payments.cancellation.model import AgreeToCancel, CancelAct
from backend.payments.invoice.errors import InvoiceTooEarly
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.mark import service as marks
from backend.payments.mark.model import MarkLine
from backend.payments.proof import service as proof
from backend.payments.suspension import service as suspension
from backend.payments.suspension.errors import Suspended
from backend.payments.suspension.model import Suspend
from backend.payments.treasury.funding.errors import NotEnoughMoney
from backend.payments.treasury.order.model import Order, OrderStatus
from backend.payments.treasury.order.service import exchange
from backend.payments.treasury.order.service import read as orders
from backend.payments.treasury.register import delivery
from backend.payments.treasury.register.errors import NothingToPay
from backend.payments.treasury.statement import service as statement
from backend.sources.treasury.model import OrderStatus as Answered
from backend.sources.treasury.model import TreasuryAnswer
from infra.sandbox.nca.keypair import KeyPair
from tests.payments.conftest import (
    CLINIC,
    CLINIC_BIN,
    CONTRACT,
    HEAD,
    ISSUER_BIN,
    ISSUER_HEAD,
    LINE,
    TARIFF,
    Owner,
    accept,
    act,
    cases,
    person,
    present,
    signed,
)
from tests.payments.treasury.conftest import (
    bill,
    form,
    fund,
    invoiced,
    sign_orders,
    sign_register,
)

CONTRACTED = accounts.contract_line(CONTRACT, LINE, "mhi")


@asynccontextmanager
async def held(owner: Owner, sql: str, *arguments: object) -> AsyncIterator[None]:
    """A lock, kept until the block is over."""
    async with owner.transaction():
        await owner.execute(sql, *arguments)
        yield


async def waiting(database_url: str, how_many: int) -> None:
    """Until so many sessions wait for a lock."""
    watcher = await asyncpg.connect(database_url)
    try:
        async with asyncio.timeout(20):
            while how_many > await watcher.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ):
                await asyncio.sleep(0.01)
    finally:
        await watcher.close()


def begin(what: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.ensure_future(what)


async def suspend(world: Resources) -> None:
    command = Suspend(CLINIC, "S2", "салық берешегі", hashlib.sha256(b"x").hexdigest())
    await suspension.suspend(world, ISSUER_HEAD, signed(command, ISSUER_BIN, world.clock.now()))


async def state(world: Resources, act_id: UUID) -> ActStatus:
    return (await acts.act(world.db.payments, act_id, None)).status


async def test_an_act_is_not_signed_over_a_suspension_that_comes_meanwhile(
    world: Resources, owner: Owner, database_url: str
) -> None:
    one = await present(world, act("7", cases([1])))
    lock = "SELECT FROM payments.ledger_account WHERE account = $1 FOR UPDATE"
    async with held(owner, lock, CONTRACTED.account):
        signing = begin(accept(world, one))
        await waiting(database_url, 1)
        await suspend(world)
    with pytest.raises(Suspended):
        await signing
    assert await state(world, one.act_id) is ActStatus.CHECK_PASSED
    db = world.db.payments
    assert await ledger.balance(db, accounts.accepted(CONTRACT, "mhi")) == 0
    assert await owner.fetchval("SELECT count(*) FROM registry.operation") == 0


@pytest.mark.parametrize("first", ["invoice", "cancellation"])
async def test_an_act_is_invoiced_or_cancelled_never_both(
    world: Resources, owner: Owner, database_url: str, first: str
) -> None:
    one = await present(world, act("7", cases([1])))
    await accept(world, one)
    now = world.clock.now()
    asked = CancelAct(one.act_id, one.content_sha256, "саны қате")
    await cancellation.cancel(world, HEAD, signed(asked, CLINIC_BIN, now))
    agreed = signed(AgreeToCancel(one.act_id, one.content_sha256), ISSUER_BIN, now)
    ways = {
        "invoice": lambda: bill(world, one),
        "cancellation": lambda: cancellation.agree(world, ISSUER_HEAD, agreed),
    }
    second = next(way for way in ways if way != first)
    async with held(owner, "SELECT FROM payments.act WHERE act_id = $1 FOR UPDATE", one.act_id):
        won = begin(ways[first]())
        await waiting(database_url, 1)
        lost = begin(ways[second]())
        await waiting(database_url, 2)
    await won
    [refused] = await asyncio.gather(lost, return_exceptions=True)
    live = await owner.fetchval("SELECT count(*) FROM payments.e_invoice WHERE status <> 'REVOKED'")
    after = (await state(world, one.act_id), live)
    if first == "invoice":
        assert isinstance(refused, InvoiceStands)
        assert after == (ActStatus.SIGNED_BY_ISSUER, 1)
    else:
        assert isinstance(refused, InvoiceTooEarly)
        assert after == (ActStatus.CANCELLED, 0)
    assert (await ledger.proof(world.db.payments)).ok


async def test_a_dispute_opens_while_a_register_is_formed(
    world: Resources, owner: Owner, database_url: str
) -> None:
    one = await invoiced(world, "7", [1, 2])
    await fund(world)
    case_id = await owner.fetchval(
        "SELECT case_id FROM payments.act_case WHERE person_id = $1", person(1)
    )
    citizen = Actor(UUID(int=7), frozenset({Role.INSURED}), person_id=person(1))

    async def dispute() -> bool:
        async with world.db.egov.transaction() as tx:
            said = MarkLine(person(1), case_id, Mark.DISPUTED, uuid7())
            return await marks.mark(tx, citizen, said, at=world.clock.now())

    async with held(owner, "SELECT FROM payments.act WHERE act_id = $1 FOR UPDATE", one.act_id):
        forming, disputing = begin(form(world)), begin(dispute())
        await waiting(database_url, 2)
    formed = await forming
    assert await disputing
    assert [row.act_number for row in formed.rows] == ["7"]
    found = await acts.act_with_report(world.db.payments, one.act_id, None)
    assert (found.status, found.disputed) == (ActStatus.IN_REGISTER, 1)
    assert [d.line_no for d in found.disputes] == [1]


async def test_a_register_takes_no_money_that_is_being_signed_away(
    world: Resources, finance: KeyPair
) -> None:
    await invoiced(world, "1", [1, 2])
    await fund(world, 3 * TARIFF)
    first = await sign_register(world, await form(world))
    await invoiced(world, "2", [3, 4])
    formed, taken = await asyncio.gather(
        form(world), sign_orders(world, finance, first), return_exceptions=True
    )
    assert isinstance(formed, NotEnoughMoney)
    assert not isinstance(taken, BaseException)
    assert taken.signed == 1


async def test_two_registers_at_once_share_no_act(world: Resources) -> None:
    given = [await invoiced(world, str(n), [n]) for n in range(1, 4)]
    await fund(world)
    outcomes = await asyncio.gather(*(form(world) for _ in range(6)), return_exceptions=True)
    [formed] = [o for o in outcomes if not isinstance(o, BaseException)]
    assert len(formed.rows) == len(given)
    assert all(isinstance(o, NothingToPay) for o in outcomes if isinstance(o, BaseException))


async def sent(world: Resources, finance: KeyPair, how_many: int) -> list[Order]:
    """Orders on their way, whatever the Treasury says of them."""
    given: list[ActWithReport] = []
    for n in range(1, how_many + 1):
        given.append(await invoiced(world, str(n), [n]))
    await fund(world)
    made = await sign_register(world, await form(world))
    await delivery.deliver(world, made[0].register_id)
    assert (await sign_orders(world, finance, made)).signed == how_many
    for order in made:
        assert await exchange.mark_sent(world, order.order_id)
    return made


def answer(order: Order, status: Answered | None) -> TreasuryAnswer | None:
    reason = "AC01" if status is Answered.REJECTED else None
    return None if status is None else TreasuryAnswer(order.message_id, status, reason)


async def test_answers_in_any_order_twice_and_late_end_alike(
    world: Resources, finance: KeyPair, owner: Owner
) -> None:
    told = (Answered.ACCEPTED, None, Answered.EXECUTED)
    turns = list(itertools.permutations(told))
    made = await sent(world, finance, len(turns) + 1)
    *paid, refused = made
    for order, turn in zip(paid, turns, strict=True):
        for said in turn + turn[::-1]:
            await exchange.record(world, order.order_id, answer(order, said))
    for said in (None, Answered.REJECTED, Answered.ACCEPTED, Answered.REJECTED, None):
        await exchange.record(world, refused.order_id, answer(refused, said))
    # the Treasury takes its word back: nothing moves, and somebody is told
    await exchange.record(world, refused.order_id, answer(refused, Answered.EXECUTED))
    await exchange.record(world, paid[0].order_id, answer(paid[0], Answered.REJECTED))
    db = world.db.payments
    found = {o.order_id: o.status for o in await orders.orders(db, None, None, 50)}
    assert [found[o.order_id] for o in paid] == [OrderStatus.EXECUTED] * len(turns)
    assert found[refused.order_id] is OrderStatus.RETURNED
    said = await owner.fetch(
        "SELECT subject FROM kernel.event WHERE kind = 'PaymentAnswerContradicted'"
    )
    assert {r["subject"] for r in said} == {refused.order_id, paid[0].order_id}
    received = await ledger.balance(db, accounts.cash(f"executor:{CLINIC_BIN}", "mhi"))
    assert received == len(turns) * TARIFF
    assert (await proof.now(db, world.clock)).ok


async def test_a_statement_read_by_six_workers_is_read_once(
    world: Resources, finance: KeyPair
) -> None:
    made = await sent(world, finance, 2)
    for order in made:
        for _ in range(2):
            await exchange.advance(world, order.order_id)
    for path, body in (
        ("credits", {"reference": "move 1", "amount_tiyn": 100 * TARIFF}),
        ("returns", {"message_id": made[0].message_id, "reason": "AC04"}),
    ):
        told = await world.http.post(f"{world.config.treasury_url}/control/{path}", json=body)
        assert told.status_code == 204
    # whoever comes too late takes nothing; none of them stops
    taken = await asyncio.gather(*(statement.read_on(world) for _ in range(6)))
    db = world.db.payments
    assert len(await statement.statements(db, 0, 50)) <= sum(taken)
    found = {o.order_id: o.status for o in await orders.orders(db, None, None, 50)}
    assert found == {made[0].order_id: OrderStatus.RETURNED, made[1].order_id: OrderStatus.EXECUTED}
    booked = await statement.bookings(db, None, 50, only_open=False)
    assert sorted(b.status for b in booked) == ["MATCHED"] * 4
    assert await ledger.balance(db, accounts.cash("kbsh", "mhi")) == 99 * TARIFF
    assert (await statement.reconciliation(db)).ok
    assert (await proof.now(db, world.clock)).ok
