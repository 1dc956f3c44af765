"""Payment orders to the Treasury (domain 3.9); amounts in tiyn."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from backend.payments.ledger.model import Source

BATCH_MAX = 500


class OrderStatus(StrEnum):
    """DRAFT -> VERIFIED -> SIGNED -> SENT -> ACCEPTED_BY_TREASURY -> EXECUTED | RETURNED.

    UNKNOWN: sent, and the answer was lost; the Treasury is asked before anything else is done.
    WITHDRAWN: taken back by a signed decision before it was sent. An executed order may still come
    back from the executor's bank, and is RETURNED then.
    """

    DRAFT = "DRAFT"
    VERIFIED = "VERIFIED"
    SIGNED = "SIGNED"
    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    ACCEPTED_BY_TREASURY = "ACCEPTED_BY_TREASURY"
    EXECUTED = "EXECUTED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"


class DecisionKind(StrEnum):
    """What may be decided about orders.

    RECHECK: control drafts again, after what was wrong has been put right. WITHDRAW: take back orders
    that were not sent; their acts wait for another register. PAY_AGAIN: pay what came back anew.
    """

    RECHECK = "RECHECK"
    WITHDRAW = "WITHDRAW"
    PAY_AGAIN = "PAY_AGAIN"


class DecideOrders(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="payment.decide",
    tag_field="operation",
):
    """A signed decision about payment orders; `reason` is kept with each of them."""

    decision: DecisionKind
    orders: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"\S")]


class OrderDecided(msgspec.Struct, frozen=True):
    """What a decision did to one order."""

    order_id: UUID
    before: OrderStatus
    after: OrderStatus


class OrdersDecided(msgspec.Struct, frozen=True):
    """A decision that stands, and what came of it."""

    decision_id: UUID
    decision: DecisionKind
    orders: list[OrderDecided]


class Check(msgspec.Struct, frozen=True):
    """One of the five controls before sending, with its code when it failed."""

    check: str
    ok: bool
    code: str | None
    at: datetime


class Order(msgspec.Struct, frozen=True):
    """A payment order. `message` (base64 in JSON) is the pain.001 message: the exact bytes to sign."""

    order_id: UUID
    register_id: UUID
    act_id: UUID
    executor_id: UUID
    source: Source
    message_id: str
    status: OrderStatus
    amount_tiyn: int
    checks: tuple[Check, ...]
    message: bytes | None
    signed_at: datetime | None
    sent_at: datetime | None
    finished_at: datetime | None
    reason: str | None
    replaces: UUID | None


class ControlRun(msgspec.Struct, frozen=True):
    """One run of the five controls and what came of it."""

    at: datetime
    status: OrderStatus
    checks: tuple[Check, ...]


class DecisionTaken(msgspec.Struct, frozen=True):
    """A decision as one order met it."""

    decision_id: UUID
    decision: DecisionKind
    reason: str
    decided_at: datetime
    before: OrderStatus
    after: OrderStatus


class History(msgspec.Struct, frozen=True):
    """Everything that was controlled and decided about an order, oldest first."""

    order: Order
    controls: list[ControlRun]
    decisions: list[DecisionTaken]


class OrderSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A base64 detached CMS over the order's `message`."""

    order_id: UUID
    signature: str


class SignOrders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Signatures for payment orders, of one register or several."""

    signatures: Annotated[
        tuple[OrderSignature, ...], msgspec.Meta(min_length=1, max_length=BATCH_MAX)
    ]


class OrderRefused(msgspec.Struct, frozen=True):
    """An order of the batch that was not taken, and why."""

    order_id: UUID
    code: str


class OrdersSigned(msgspec.Struct, frozen=True):
    """How many orders were signed and are on their way, and which were refused."""

    signed: int
    refused: tuple[OrderRefused, ...]


# --- rows of the database -----------------------------------------------------------------------


class Control(msgspec.Struct, frozen=True):
    """What the five controls look at, and what the message says."""

    order_id: UUID
    register_id: UUID
    act_id: UUID
    message_id: str
    created_at: datetime
    status: OrderStatus
    written: bool
    amount_tiyn: int
    contract_id: UUID
    executor_bin: str
    source: Source
    frozen: str | None
    requisites_ok: bool
    sum_ok: bool
    period_ok: bool
    basis_ok: bool
    single: bool
    sender: str
    sender_bin: str
    sender_account: str
    sender_bic: str
    recipient: str
    recipient_bin: str
    recipient_account: str
    recipient_bic: str
    basis: str
    act_number: str
    act_date: date
    service_period: str


class Sending(msgspec.Struct, frozen=True):
    """What the exchange with the Treasury needs of an order."""

    order_id: UUID
    act_id: UUID
    contract_id: UUID
    executor_id: UUID
    executor_bin: str
    source: Source
    message_id: str
    status: OrderStatus
    amount_tiyn: int
    message: bytes
    signature: bytes
