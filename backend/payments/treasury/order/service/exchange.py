"""The exchange with the Treasury: one order, one message id, whatever is lost on the way.

Every step commits before the next begins, and every step may be repeated:

    SIGNED --mark_sent--> SENT --deliver--> (answer or silence) --record--> where the answer says

A crash anywhere leaves an order that the next `advance` takes up where it stands. An order that was
sent is asked about before it is sent again, and then it is the same message: never a second order.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.kernel import events, logs
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Tx
from backend.kernel.resources import Resources
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.treasury.order import queries, rules
from backend.payments.treasury.order.events import (
    OrderExecuted,
    OrderReturned,
    PaymentAnswerContradicted,
    PaymentAnswerLost,
)
from backend.payments.treasury.order.model import OrderStatus, Sending
from backend.sources.treasury import service as treasury
from backend.sources.treasury.errors import TreasurySilent
from backend.sources.treasury.model import OrderStatus as Answered
from backend.sources.treasury.model import TreasuryAnswer

log = logs.get("payments.order")
_ENDS = {Answered.EXECUTED: OrderStatus.EXECUTED, Answered.REJECTED: OrderStatus.RETURNED}
_FINAL = frozenset({OrderStatus.EXECUTED, OrderStatus.RETURNED, OrderStatus.WITHDRAWN})


async def advance(resources: Resources, order_id: UUID) -> None:
    """Bring an order one exchange further. Safe to repeat, also at the same time."""
    order = await queries.SENDING.one(resources.db.payments, order_id)
    if order is None or order.status in _FINAL:
        return
    if order.status is OrderStatus.SIGNED:
        if await mark_sent(resources, order_id):
            await record(resources, order_id, await deliver(resources, order))
        return
    await record(resources, order_id, await ask(resources, order))


async def mark_sent(resources: Resources, order_id: UUID) -> bool:
    """Commit the intent to send; False when another did, or when the act is frozen now."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        return await queries.SET_SENT.run(tx, order_id, now, now + rules.ASK_AGAIN) == 1


async def deliver(resources: Resources, order: Sending) -> TreasuryAnswer | None:
    """Hand the order's message over; None when the answer is lost. No transaction is open."""
    try:
        return await treasury.send(
            resources.http, resources.config, order.message_id, order.message, order.signature
        )
    except TreasurySilent:
        return None


async def ask(resources: Resources, order: Sending) -> TreasuryAnswer | None:
    """Ask what became of a sent order; only one the Treasury never saw is handed over again."""
    try:
        answer = await treasury.ask(resources.http, resources.config, order.message_id)
    except TreasurySilent:
        return None
    return answer if answer is not None else await deliver(resources, order)


async def record(resources: Resources, order_id: UUID, answer: TreasuryAnswer | None) -> None:
    """Write down what the Treasury said; silence makes a sent order UNKNOWN. Safe to repeat."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        order = await queries.SENDING_FOR_UPDATE.get(tx, order_id)
        if order.status in _FINAL or order.status is OrderStatus.SIGNED:
            await _compare(tx, order, answer, now)
            return
        if answer is None or answer.status is Answered.ACCEPTED:
            status = _waiting(order.status, answer)
            await queries.SET_STATUS.run(tx, order_id, status, now + rules.ASK_AGAIN)
            if status is OrderStatus.UNKNOWN is not order.status:
                lost = PaymentAnswerLost(order_id, order.act_id)
                await events.append(tx, lost, by=SYSTEM, at=now)
        elif answer.status is Answered.EXECUTED:
            await execute(tx, order, now)
        else:
            await give_back(tx, order, answer.reason or "UNSTATED", now)


async def _compare(tx: Tx, order: Sending, answer: TreasuryAnswer | None, now: datetime) -> None:
    """An answer that came after the end changes nothing; one that contradicts it is told.

    What a statement has booked needs no answer: money that came back was once executed.
    """
    ended = _ENDS.get(answer.status) if answer is not None else None
    if answer is None or ended in (None, order.status) or order.status not in _ENDS.values():
        return
    if await queries.BOOKED.get(tx, order.order_id):
        return
    log.error("the Treasury contradicts itself", ours=order.status, theirs=answer.status)
    told = PaymentAnswerContradicted(order.order_id, order.act_id, order.status, answer.status)
    await events.append(tx, told, by=SYSTEM, at=now)


def _waiting(status: OrderStatus, answer: TreasuryAnswer | None) -> OrderStatus:
    if answer is not None:
        return OrderStatus.ACCEPTED_BY_TREASURY
    return OrderStatus.UNKNOWN if status is OrderStatus.SENT else status


async def execute(tx: Tx, order: Sending, now: datetime) -> None:
    """The Treasury paid: ordered -> paid, the act is PAID, in one transaction with the order's end.

    `order` is locked and on its way.
    """
    await queries.FINISH.run(tx, order.order_id, OrderStatus.EXECUTED, now, None)
    receiver = accounts.cash(f"executor:{order.executor_bin}", order.source)
    await ledger.open_accounts(tx, [receiver])
    transfer = rules.execution(order)
    await ledger.post(tx, transfer.cause, transfer.kind, transfer.entries, now)
    await queries.ACT_PAID.run(tx, order.act_id, now)
    executed = OrderExecuted(order.order_id, order.act_id, order.executor_id, order.amount_tiyn)
    await events.append(tx, executed, by=SYSTEM, at=now)


async def give_back(tx: Tx, order: Sending, reason: str, now: datetime) -> None:
    """The Treasury did not pay, or the executor's bank sent the money back: it is ours again.

    The act waits for a decision to pay it anew. `order` is locked, and on its way or executed.
    """
    await queries.FINISH.run(tx, order.order_id, OrderStatus.RETURNED, now, reason)
    await ledger.open_accounts(tx, [accounts.returned(order.contract_id, order.source)])
    transfer = rules.reversal(order)
    await ledger.post(tx, transfer.cause, transfer.kind, transfer.entries, now)
    await queries.ACT_RETURNED.run(tx, order.act_id)
    returned = OrderReturned(order.order_id, order.act_id, reason)
    await events.append(tx, returned, by=SYSTEM, at=now)


async def orders_of(tx: Tx, order_ids: Sequence[UUID]) -> dict[UUID, Sending]:
    """Orders by id, locked in one order until the transaction ends."""
    return {o.order_id: o for o in await queries.ONES_FOR_UPDATE.all(tx, list(order_ids))}


async def advance_due(resources: Resources) -> int:
    """Take up every order that waits for the Treasury; how many were looked at."""
    now = resources.clock.now()
    due = await queries.TAKE_DUE.all(resources.db.payments, now, now + rules.ASK_AGAIN)
    await asyncio.gather(*(advance(resources, order_id) for order_id in due))
    return len(due)
