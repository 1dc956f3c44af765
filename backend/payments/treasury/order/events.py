"""What happened to payment orders; `subject` is the order. Amounts in tiyn."""

from uuid import UUID

from backend.kernel.events import Event


class OrderSigned(Event, frozen=True):
    """The issuer signed an order: it is on its way to the Treasury."""

    act_id: UUID
    amount_tiyn: int


class PaymentAnswerLost(Event, frozen=True):
    """An order was sent and nobody knows whether it arrived: it will be asked about."""

    act_id: UUID


class PaymentAnswerContradicted(Event, frozen=True):
    """The Treasury said otherwise of an order that is over: nothing moves, a person looks at its statement."""

    act_id: UUID
    ours: str
    theirs: str


class OrderExecuted(Event, frozen=True):
    """The Treasury paid: the act is PAID."""

    act_id: UUID
    executor_id: UUID
    amount_tiyn: int


class OrderReturned(Event, frozen=True):
    """The payment came back: the act awaits a decision to pay it anew."""

    act_id: UUID
    reason: str


class OrdersDecided(Event, frozen=True):
    """The issuer decided about orders; `subject` is the decision."""

    decision: str
    orders: int
