"""What is said to the Treasury and what it answers (ISO 20022 pain.001, pain.002, camt.053, camt.054)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

import msgspec


class Party(msgspec.Struct, frozen=True):
    """Who pays or is paid: name, IIN or BIN, account and its bank's code."""

    name: str
    number: str
    iban: str
    bic: str


class CreditTransfer(msgspec.Struct, frozen=True):
    """One payment order. `message_id` names it for ever; the amount is in tiyn."""

    message_id: str
    created_at: datetime
    execute_on: date
    payer: Party
    payee: Party
    amount_tiyn: int
    basis: str


class OrderStatus(StrEnum):
    """What the Treasury says of an order."""

    ACCEPTED = "ACCEPTED"
    EXECUTED = "EXECUTED"
    REJECTED = "REJECTED"


class TreasuryAnswer(msgspec.Struct, frozen=True):
    """The status of the order `message_id`; `reason` of a rejection."""

    message_id: str
    status: OrderStatus
    reason: str | None = None


class SignedFile(msgspec.Struct, frozen=True):
    """An acts register as it goes to the Treasury.

    `document` is what the issuer's head signed: it names the hash of `content`. `signature` is the CMS.
    """

    message_id: str
    content: bytes
    document: bytes
    signature: bytes


class Movement(msgspec.Struct, frozen=True):
    """One booked entry of the cash control account, in tiyn; `reference` is the Treasury's own."""

    reference: str
    booked_on: date
    direction: Literal["DBIT", "CRDT"]
    amount_tiyn: int
    returned: bool
    end_to_end_id: str | None
    reason: str | None


class Statement(msgspec.Struct, frozen=True):
    """A day's statement (camt.053, with balances) or a notification (camt.054); amounts in tiyn."""

    kind: Literal["camt.053", "camt.054"]
    document_id: str
    number: int
    made_at: datetime
    account: str
    day: date | None
    opening_tiyn: int | None
    closing_tiyn: int | None
    movements: tuple[Movement, ...]
