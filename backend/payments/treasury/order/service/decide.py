"""What the issuer decides about orders that did not go their way, each decision signed (M §14).

A draft whose control failed is controlled again or withdrawn; a signed order that has not left is withdrawn;
what came back from a bank is paid anew. Nothing is changed in an order itself: what replaces it is a new one,
in a new register, and names it.
"""

from datetime import datetime
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.ledger import service as ledger
from backend.payments.treasury.order import queries, rules
from backend.payments.treasury.order.errors import OrderNotFound, OrderStateWrong
from backend.payments.treasury.order.events import OrdersDecided as Decided
from backend.payments.treasury.order.model import (
    DecideOrders,
    DecisionKind,
    OrderDecided,
    OrdersDecided,
    OrderStatus,
    Sending,
)
from backend.payments.treasury.order.service.exchange import orders_of
from backend.payments.treasury.order.service.sign import control
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

_UNSIGNED = frozenset({OrderStatus.DRAFT, OrderStatus.VERIFIED})
_NOT_SENT = _UNSIGNED | {OrderStatus.SIGNED}
_ALLOWED = {
    DecisionKind.RECHECK: _UNSIGNED,
    DecisionKind.WITHDRAW: _NOT_SENT,
    DecisionKind.PAY_AGAIN: frozenset({OrderStatus.RETURNED}),
}


async def decide(resources: Resources, actor: Actor, signed: Signed[DecideOrders]) -> OrdersDecided:
    """Carry a decision out on all its orders, or on none.

    Raises OrderNotFound, OrderStateWrong (with the place in the list), DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await orders_of(tx, command.orders)
        _require_decidable(command, found)
        if command.decision is DecisionKind.PAY_AGAIN:
            await _require_not_renewed(tx, command)
        given = [found[order_id] for order_id in command.orders]
        decision_id = uuid7()
        evidence_id = await evidence.store(tx, signed)
        await queries.ADD_DECISION.run(
            tx, decision_id, command.decision, command.reason, evidence_id, now
        )
        after = await _carry_out(tx, command.decision, given, now)
        await queries.ADD_DECIDED.run(
            tx, list(command.orders), decision_id, [o.status for o in given], after
        )
        decided = Decided(decision_id, command.decision, len(given))
        await events.append(tx, decided, by=actor, at=now)
    outcome = [
        OrderDecided(order.order_id, order.status, status)
        for order, status in zip(given, after, strict=True)
    ]
    return OrdersDecided(decision_id, command.decision, outcome)


def _require_decidable(command: DecideOrders, found: dict[UUID, Sending]) -> None:
    allowed = _ALLOWED[command.decision]
    for place, order_id in enumerate(command.orders):
        path = f"$.orders[{place}]"
        if order_id not in found or order_id in command.orders[:place]:
            raise OrderNotFound(path=path)
        if found[order_id].status not in allowed:
            raise OrderStateWrong(path=path, status=found[order_id].status)


async def _require_not_renewed(tx: Tx, command: DecideOrders) -> None:
    waiting = set(await queries.NOT_RENEWED.all(tx, list(command.orders)))
    for place, order_id in enumerate(command.orders):
        if order_id not in waiting:
            raise OrderStateWrong(path=f"$.orders[{place}]", status="PAY_AGAIN")


async def _carry_out(
    tx: Tx, decision: DecisionKind, given: list[Sending], now: datetime
) -> list[OrderStatus]:
    """The status of each order afterwards, in the order given."""
    ids = [order.order_id for order in given]
    if decision is DecisionKind.RECHECK:
        outcomes = await control(tx, None, ids, now)
        return [
            OrderStatus.DRAFT if outcomes[order_id][1] else OrderStatus.VERIFIED for order_id in ids
        ]
    if decision is DecisionKind.WITHDRAW:
        signed = [o for o in given if o.status is OrderStatus.SIGNED]
        await ledger.post_many(tx, [rules.withdrawal(order) for order in signed], now)
        await queries.WITHDRAW.run(tx, ids, now)
        await queries.ACTS_WAIT.run(tx, [order.act_id for order in given])
        return [OrderStatus.WITHDRAWN] * len(given)
    await ledger.post_many(tx, [rules.renewal(order) for order in given], now)
    await queries.RENEW.run(tx, ids, now)
    return [OrderStatus.RETURNED] * len(given)
