"""Money arrives exactly once: through crashes, lost answers, returns, two workers at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from backend.kernel import deadlines
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from backend.payments.act.service import read as acts
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.treasury.order import queries
from backend.payments.treasury.order.errors import OrderStateWrong
from backend.payments.treasury.order.model import DecisionKind, Order, OrderStatus
from backend.payments.treasury.order.service import exchange
from backend.payments.treasury.order.service import read as orders
from backend.payments.treasury.register import delivery
from backend.payments.treasury.register.errors import NothingToPay
from backend.payments.treasury.statement import service as statement
from backend.sources.treasury.model import OrderStatus as Answered
from backend.sources.treasury.model import TreasuryAnswer
from infra.sandbox import treasury
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox
from tests.payments.conftest import CLINIC_BIN, CONTRACT, TARIFF, Owner
from tests.payments.treasury.conftest import (
    decide,
    form,
    ready,
    sign_orders,
    sign_register,
)

SENDING = queries.SENDING


async def status(world: Resources, order: Order) -> OrderStatus:
    return (await orders.order(world.db.payments, order.order_id)).status


async def require_paid_once(world: Resources, sandbox: Sandbox, order: Order) -> None:
    """Ours and the Treasury's books agree: one order, one payment, the act paid, nothing lost."""
    found = await orders.order(world.db.payments, order.order_id)
    assert found.status is OrderStatus.EXECUTED
    assert (await acts.act(world.db.payments, order.act_id, None)).status is ActStatus.PAID
    [kept] = treasury.state(sandbox).orders.values()
    assert (kept.message_id, kept.executed) == (order.message_id, 1)
    db = world.db.payments
    received = await ledger.balance(db, accounts.cash(f"executor:{CLINIC_BIN}", "mhi"))
    assert received == order.amount_tiyn == 3 * TARIFF
    assert await ledger.balance(db, accounts.cash("kbsh", "mhi")) == 97 * TARIFF
    assert await ledger.balance(db, accounts.cash("sent", "mhi")) == 0
    _, mhi = await ledger.totals(db)
    assert (mhi.paid_tiyn, mhi.accepted_tiyn) == (3 * TARIFF, 3 * TARIFF)
    assert (await ledger.proof(db)).ok


async def until_final(world: Resources, order: Order) -> None:
    for _ in range(5):
        await exchange.advance(world, order.order_id)


async def test_from_act_to_money(
    world: Resources, finance: KeyPair, sandbox: Sandbox, clock: FixedClock
) -> None:
    order = await ready(world, finance, [1, 2, 3])
    _, mhi = await ledger.totals(world.db.payments)
    assert (mhi.ordered_tiyn, mhi.paid_tiyn) == (3 * TARIFF, 0)
    await exchange.advance(world, order.order_id)
    assert await status(world, order) is OrderStatus.ACCEPTED_BY_TREASURY
    clock.advance(timedelta(seconds=6))
    assert await exchange.advance_due(world) == 1
    await require_paid_once(world, sandbox, order)
    await until_final(world, order)
    await require_paid_once(world, sandbox, order)
    summary = {t.code: t for t in await deadlines.summary(world.db.payments, at=clock.now())}
    assert (summary["d6"].kept, summary["d6"].running) == (1, 0)


Step = Callable[[Resources, Order], Awaitable[None]]


async def crash_after_intent(world: Resources, order: Order) -> None:
    assert await exchange.mark_sent(world, order.order_id)


async def crash_before_delivery_is_recorded(world: Resources, order: Order) -> None:
    await crash_after_intent(world, order)
    sending = await SENDING.get(world.db.payments, order.order_id)
    assert await exchange.deliver(world, sending) is not None


async def crash_after_acceptance(world: Resources, order: Order) -> None:
    await exchange.advance(world, order.order_id)


async def crash_before_execution_is_recorded(world: Resources, order: Order) -> None:
    await exchange.advance(world, order.order_id)
    sending = await SENDING.get(world.db.payments, order.order_id)
    assert await exchange.ask(world, sending) is not None


async def no_crash(world: Resources, order: Order) -> None:
    pass


@pytest.mark.parametrize(
    "crash",
    [
        no_crash,
        crash_after_intent,
        crash_before_delivery_is_recorded,
        crash_after_acceptance,
        crash_before_execution_is_recorded,
    ],
)
async def test_a_crash_at_any_step_pays_once(
    world: Resources, finance: KeyPair, sandbox: Sandbox, crash: Step
) -> None:
    order = await ready(world, finance, [1, 2, 3])
    await crash(world, order)
    # two workers find the order at once
    await asyncio.gather(until_final(world, order), until_final(world, order))
    await require_paid_once(world, sandbox, order)


async def test_a_lost_answer_is_unknown_until_asked_and_never_a_second_order(
    world: Resources, finance: KeyPair, sandbox: Sandbox, owner: Owner
) -> None:
    order = await ready(world, finance, [1, 2, 3])
    treasury.state(sandbox).drop = 1
    await exchange.advance(world, order.order_id)
    assert await status(world, order) is OrderStatus.UNKNOWN
    lost = await owner.fetch("SELECT subject FROM kernel.event WHERE kind = 'PaymentAnswerLost'")
    assert [r["subject"] for r in lost] == [order.order_id]
    await until_final(world, order)
    await require_paid_once(world, sandbox, order)
    assert treasury.state(sandbox).orders[order.message_id].received == 1


async def test_a_treasury_that_is_away_is_asked_again(
    world: Resources, finance: KeyPair, sandbox: Sandbox, clock: FixedClock
) -> None:
    order = await ready(world, finance, [1, 2, 3])

    async def no_line(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no line", request=request)

    away = world.__class__(
        **{
            **{f: getattr(world, f) for f in world.__struct_fields__},
            "http": httpx.AsyncClient(transport=httpx.MockTransport(no_line)),
        }
    )
    for _ in range(3):
        await exchange.advance(away, order.order_id)
        assert await status(world, order) is OrderStatus.UNKNOWN
    await away.http.aclose()
    assert treasury.state(sandbox).orders == {}
    for _ in range(3):
        clock.advance(timedelta(seconds=6))
        await exchange.advance_due(world)
    await require_paid_once(world, sandbox, order)


class Deaf(httpx.AsyncBaseTransport):
    """Whatever is sent arrives and is taken; no answer ever comes back."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.orders: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        arrived = await self.inner.handle_async_request(request)
        await arrived.aread()
        if request.method == "POST":
            self.orders.append(request.content)
        raise httpx.ReadTimeout("no answer", request=request)

    async def aclose(self) -> None:
        await self.inner.aclose()


async def test_every_answer_lost_a_hundred_times_is_one_order_unknown_until_asked(
    world: Resources, finance: KeyPair, sandbox: Sandbox
) -> None:
    """FAULTS 3: the Treasury accepts and then drops all of its answers."""
    order = await ready(world, finance, [1, 2, 3])
    line = Deaf()
    async with httpx.AsyncClient(transport=line) as http:
        deaf = world.__class__(
            **{**{f: getattr(world, f) for f in world.__struct_fields__}, "http": http}
        )
        for turn in range(20):
            await asyncio.gather(*(exchange.advance(deaf, order.order_id) for _ in range(5)))
            assert await status(world, order) is OrderStatus.UNKNOWN, turn
    assert treasury.state(sandbox).orders.keys() == {order.message_id}
    assert set(line.orders) == {order.message}
    await until_final(world, order)
    await require_paid_once(world, sandbox, order)


async def test_a_hundred_words_of_one_payment_on_two_paths_at_once_have_one_effect(
    world: Resources, finance: KeyPair, sandbox: Sandbox, owner: Owner
) -> None:
    """FAULTS 5: the answer to our question and the statement say the same, again and again."""
    order = await ready(world, finance, [1, 2, 3])
    await exchange.advance(world, order.order_id)
    await world.http.get(f"{world.config.treasury_url}/orders/{order.message_id}")  # it pays
    paid = TreasuryAnswer(order.message_id, Answered.EXECUTED)
    await asyncio.gather(
        *(exchange.record(world, order.order_id, paid) for _ in range(100)),
        *(statement.read_on(world) for _ in range(4)),
    )
    await require_paid_once(world, sandbox, order)
    told = await owner.fetch("SELECT subject FROM kernel.event WHERE kind = 'OrderExecuted'")
    assert [r["subject"] for r in told] == [order.order_id]


async def test_a_returned_order_gives_the_money_back_and_the_act_another_chance(
    world: Resources, finance: KeyPair, sandbox: Sandbox
) -> None:
    order = await ready(world, finance, [1, 2, 3])
    treasury.state(sandbox).reject = 1
    await until_final(world, order)
    returned = await orders.order(world.db.payments, order.order_id)
    assert (returned.status, returned.reason) == (OrderStatus.RETURNED, "AC01")
    db = world.db.payments
    assert await ledger.balance(db, accounts.cash("kbsh", "mhi")) == 100 * TARIFF
    assert await ledger.balance(db, accounts.returned(CONTRACT, "mhi")) == 3 * TARIFF
    assert (await acts.act(db, order.act_id, None)).status is ActStatus.INVOICED
    with pytest.raises(NothingToPay):
        await form(world)  # nobody pays into the same closed account unasked
    await decide(world, DecisionKind.PAY_AGAIN, [order], "шот ауыстырылды")
    with pytest.raises(OrderStateWrong):
        await decide(world, DecisionKind.PAY_AGAIN, [order], "тағы да")
    [second] = await sign_register(world, await form(world))
    assert second.message_id != order.message_id
    assert second.replaces == order.order_id
    await delivery.deliver(world, second.register_id)
    await sign_orders(world, finance, [second])
    del treasury.state(sandbox).orders[order.message_id]
    await until_final(world, second)
    await require_paid_once(world, sandbox, second)
    [decision] = (await orders.history(db, order.order_id)).decisions
    assert (decision.decision, decision.reason) == (DecisionKind.PAY_AGAIN, "шот ауыстырылды")


async def test_the_database_keeps_one_message_and_one_living_order(
    world: Resources, finance: KeyPair, owner: Owner
) -> None:
    order = await ready(world, finance, [1, 2, 3])
    for change in (
        "UPDATE payments.payment_order SET message_id = md5('x')",
        "UPDATE payments.payment_order SET message = 'x'",
        "UPDATE payments.payment_order SET status = 'EXECUTED', finished_at = created_at",
        "UPDATE payments.payment_order SET status = 'DRAFT'",
        "UPDATE payments.act SET status = 'SIGNED_BY_ISSUER'",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            await owner.execute(change)
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute(
            """
            INSERT INTO payments.payment_order (order_id, register_id, act_id, contract_id,
                executor_id, source, message_id, status, amount_tiyn, created_at)
            SELECT $1, register_id, act_id, contract_id, executor_id, source, md5('x'), 'DRAFT',
                   amount_tiyn, created_at
              FROM payments.payment_order
            """,
            UUID(int=5),
        )
    assert await status(world, order) is OrderStatus.SIGNED
