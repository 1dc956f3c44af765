"""What is said to the Treasury and what it answers (ISO 20022 pain.001.001.09, pain.002.001.10)."""

from datetime import date, datetime
from enum import StrEnum

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
