"""Statements and bookings; amounts in tiyn."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.payments.treasury.order.model import OrderStatus

Direction = Literal["DBIT", "CRDT"]


class BookingStatus(StrEnum):
    """MATCHED: an order's payment or return, or a transfer to us, of the same sum. The rest is work.

    UNMATCHED: nothing of ours has this id. WRONG_SUM: ours, of another sum. DOUBLE: the same was booked
    before. UNEXPECTED: ours, but not in a state that allows it. ALTERED: the Treasury told the same
    reference otherwise before. EXPLAINED: an officer said, signed, what it is.
    """

    MATCHED = "MATCHED"
    UNMATCHED = "UNMATCHED"
    WRONG_SUM = "WRONG_SUM"
    DOUBLE = "DOUBLE"
    UNEXPECTED = "UNEXPECTED"
    ALTERED = "ALTERED"
    EXPLAINED = "EXPLAINED"


class Effect(StrEnum):
    """What a booking does to its order."""

    NOTHING = "nothing"
    EXECUTE = "execute"
    RETURN = "return"


class ExplainBooking(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="booking.explain",
    tag_field="operation",
):
    """An officer's signed word on a booking that does not agree."""

    booking_id: UUID
    explanation: Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"\S")]


class Booking(msgspec.Struct, frozen=True):
    """One movement on the cash control account, by the Treasury's `reference`."""

    booking_id: UUID
    account: str
    reference: str
    booked_on: date
    direction: Direction
    returned: bool
    amount_tiyn: int
    end_to_end_id: str | None
    reason: str | None
    status: BookingStatus
    order_id: UUID | None
    transfer_id: UUID | None
    seen_at: datetime
    explanation: str | None
    explained_at: datetime | None


class StatementRow(msgspec.Struct, frozen=True):
    """A statement that was taken; balances of a day's statement (camt.053) alone."""

    statement_id: UUID
    kind: str
    account: str
    number: int
    document_id: str
    made_at: datetime
    day: date | None
    opening_tiyn: int | None
    closing_tiyn: int | None
    entries: int
    sha256: str
    imported_at: datetime


class StatusCount(msgspec.Struct, frozen=True):
    """How many bookings of a status, and their sum."""

    status: BookingStatus
    bookings: int
    amount_tiyn: int


class Feed(msgspec.Struct, frozen=True):
    """How far statements were read; `problem` stops the reading until the Treasury sends better."""

    number: int
    problem: str | None
    problem_at: datetime | None


class Reconciliation(msgspec.Struct, frozen=True):
    """Our books beside the Treasury's.

    `not_booked` are orders executed on a day whose statement is here and does not name them;
    `closing_tiyn` the last day's balance, of `closed_on`. `ok` when nothing waits for a person.
    """

    ok: bool
    feed: Feed
    bookings: list[StatusCount]
    not_booked: list[UUID]
    closed_on: date | None
    closing_tiyn: int | None


# --- rows of the database -----------------------------------------------------------------------


class OrderOf(msgspec.Struct, frozen=True):
    """The order an entry names, and what has been booked of it."""

    order_id: UUID
    message_id: str
    status: OrderStatus
    amount_tiyn: int
    booked: bool
    booked_back: bool


class TransferOf(msgspec.Struct, frozen=True):
    """The transfer an incoming entry names."""

    transfer_id: UUID
    reference: str
    amount_tiyn: int
    booked: bool


class Known(msgspec.Struct, frozen=True):
    """A booking told before."""

    booking_id: UUID
    reference: str
    booked_on: date
    direction: Direction
    returned: bool
    amount_tiyn: int
    end_to_end_id: str | None


class Outcome(msgspec.Struct, frozen=True):
    """What an entry agrees with, and what follows from it."""

    status: BookingStatus
    effect: Effect = Effect.NOTHING
    order_id: UUID | None = None
    transfer_id: UUID | None = None
