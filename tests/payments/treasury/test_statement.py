"""Statements of the Treasury: read in order, agreed with our orders, and what does not agree waits for a person."""

from datetime import timedelta

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from backend.payments.act.service import read as acts
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.proof import service as proof
from backend.payments.treasury.order.model import DecisionKind, Order, OrderStatus
from backend.payments.treasury.order.service import exchange
from backend.payments.treasury.order.service import read as orders
from backend.payments.treasury.register import delivery
from backend.payments.treasury.statement import service
from backend.payments.treasury.statement.errors import BookingSettled
from backend.payments.treasury.statement.model import Booking, ExplainBooking
from infra.sandbox.nca.keypair import KeyPair
from tests.payments.conftest import CLINIC_BIN, CONTRACT, FINANCE, ISSUER_BIN, TARIFF, signed
from tests.payments.treasury.conftest import decide, form, ready, sign_orders, sign_register


async def control(world: Resources, door: str, **body: object) -> None:
    answer = await world.http.post(f"{world.config.treasury_url}/control/{door}", json=body)
    assert answer.status_code == 204, answer.text


async def status(world: Resources, order: Order) -> OrderStatus:
    return (await orders.order(world.db.payments, order.order_id)).status


async def executed(world: Resources, finance: KeyPair) -> Order:
    order = await ready(world, finance, [1, 2, 3])
    for _ in range(2):
        await exchange.advance(world, order.order_id)
    return order


async def queue(world: Resources) -> list[Booking]:
    return await service.bookings(world.db.payments, None, 50, only_open=True)


async def test_payments_are_agreed_and_told_again_in_the_days_statement(
    world: Resources, finance: KeyPair, clock: FixedClock, sandbox: object
) -> None:
    order = await executed(world, finance)
    await control(world, "credits", reference="move 1", amount_tiyn=100 * TARIFF)
    assert await service.read_due(world) == 1
    assert await service.read_due(world) == 0  # not before its time
    db = world.db.payments
    first = await service.bookings(db, None, 50, only_open=False)
    assert [(b.status, b.order_id) for b in first] == [
        ("MATCHED", order.order_id),
        ("MATCHED", None),
    ]
    clock.advance(timedelta(days=1))
    sandbox.set_clock(clock.now())  # type: ignore[attr-defined]
    assert await service.read_on(world) == 1
    assert await service.bookings(db, None, 50, only_open=False) == first
    found = await service.reconciliation(db)
    assert found.ok
    assert (found.closing_tiyn, found.feed.number) == (97 * TARIFF, 2)
    assert found.closing_tiyn == await ledger.balance(db, accounts.cash("kbsh", "mhi"))
    kinds = [(s.kind, s.number) for s in await service.statements(db, 0, 10)]
    assert kinds == [("camt.054", 1), ("camt.053", 2)]


async def test_a_booked_payment_is_executed_whatever_was_answered(
    world: Resources, finance: KeyPair
) -> None:
    order = await ready(world, finance, [1, 2, 3])
    await exchange.advance(world, order.order_id)
    # the Treasury executes; its answer to our question is lost
    await world.http.get(f"{world.config.treasury_url}/orders/{order.message_id}")
    assert await status(world, order) is OrderStatus.ACCEPTED_BY_TREASURY
    await service.read_on(world)
    assert await status(world, order) is OrderStatus.EXECUTED
    assert await queue(world) == []
    await exchange.advance(world, order.order_id)
    assert (await proof.now(world.db.payments, world.clock)).ok


async def test_money_that_comes_back_is_ours_again_and_is_paid_anew(
    world: Resources, finance: KeyPair
) -> None:
    order = await executed(world, finance)
    await control(world, "returns", message_id=order.message_id, reason="AC04")
    await service.read_on(world)
    db = world.db.payments
    found = await orders.order(db, order.order_id)
    assert (found.status, found.reason) == (OrderStatus.RETURNED, "AC04")
    assert (await acts.act(db, order.act_id, None)).status is ActStatus.INVOICED
    assert await ledger.balance(db, accounts.returned(CONTRACT, "mhi")) == 3 * TARIFF
    assert await ledger.balance(db, accounts.cash("kbsh", "mhi")) == 100 * TARIFF
    assert await ledger.balance(db, accounts.cash(f"executor:{CLINIC_BIN}", "mhi")) == 0
    assert (await proof.now(db, world.clock)).ok
    await decide(world, DecisionKind.PAY_AGAIN, [order], "жаңа шот ашылды")
    [second] = await sign_register(world, await form(world))
    await delivery.deliver(world, second.register_id)
    await sign_orders(world, finance, [second])
    for _ in range(2):
        await exchange.advance(world, second.order_id)
    await service.read_on(world)
    assert await status(world, second) is OrderStatus.EXECUTED
    assert await queue(world) == []
    assert (await service.reconciliation(db)).ok
    assert (await proof.now(db, world.clock)).ok


async def test_what_does_not_agree_moves_no_money_and_waits_for_a_signed_word(
    world: Resources, finance: KeyPair
) -> None:
    order = await executed(world, finance)
    other = f"{'0' * 32}"
    for end_to_end_id, amount, direction, returned in (
        (other, 500, "DBIT", False),
        (order.message_id, 3 * TARIFF, "DBIT", False),
        (order.message_id, 3 * TARIFF - 1, "CRDT", True),
        ("letter 17", 700, "CRDT", False),
    ):
        await control(
            world,
            "misbookings",
            end_to_end_id=end_to_end_id,
            amount_tiyn=amount,
            direction=direction,
            returned=returned,
        )
    await service.read_on(world)
    db = world.db.payments
    waiting = await queue(world)
    assert [b.status for b in waiting] == ["UNMATCHED", "DOUBLE", "WRONG_SUM", "UNMATCHED"]
    assert await ledger.balance(db, accounts.cash("kbsh", "mhi")) == 97 * TARIFF
    assert not (await service.reconciliation(db)).ok
    for booking in waiting:
        command = ExplainBooking(booking.booking_id, "қазынашылықтың қатесі, № 17 хат")
        at = world.clock.now()
        done = await service.explain(world, FINANCE, signed(command, ISSUER_BIN, at))
        assert done.status == "EXPLAINED"
        with pytest.raises(BookingSettled):
            await service.explain(world, FINANCE, signed(command, ISSUER_BIN, at, " "))
    assert await queue(world) == []
    assert (await proof.now(db, world.clock)).ok


@pytest.mark.parametrize(
    ("fault", "problem"),
    [("gap", "STATEMENT_GAP"), ("balance", "STATEMENT_UNREADABLE")],
)
async def test_a_faulty_statement_stops_the_reading_and_is_told(
    world: Resources,
    finance: KeyPair,
    clock: FixedClock,
    sandbox: object,
    fault: str,
    problem: str,
) -> None:
    await executed(world, finance)
    if fault == "balance":
        assert await service.read_on(world) == 1
        clock.advance(timedelta(days=1))
        sandbox.set_clock(clock.now())  # type: ignore[attr-defined]
    await control(world, "statement-fault", fault=fault)
    assert await service.read_on(world) == 0
    found = await service.reconciliation(world.db.payments)
    assert (found.ok, found.feed.problem) == (False, problem)
    assert service.STOPPED._value.get() == 1


async def test_a_reference_told_otherwise_is_work_for_a_person(
    world: Resources, finance: KeyPair, clock: FixedClock, sandbox: object
) -> None:
    await executed(world, finance)
    await control(world, "statement-fault", fault="altered")
    await service.read_on(world)
    [booking] = await queue(world)
    assert booking.status == "WRONG_SUM"
    clock.advance(timedelta(days=1))
    sandbox.set_clock(clock.now())  # type: ignore[attr-defined]
    await service.read_on(world)
    [booking] = await queue(world)
    assert booking.status == "ALTERED"
