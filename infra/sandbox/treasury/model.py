"""What the Treasury's stand-in remembers."""

from datetime import date, datetime
from typing import Literal

import msgspec

from infra.sandbox.state import Sandbox

Status = Literal["ACSP", "ACSC", "RJCT"]


class Row(msgspec.Struct, frozen=True):
    """A row of a register taken: the order that may come for it."""

    payer: str
    payee: str
    iban: str
    amount: str


class TreasuryOrder(msgspec.Struct):
    """One order as the Treasury keeps it. `received` counts deliveries, `executed` payments."""

    message_id: str
    sha256: str
    payer: str
    payee: str
    amount: str
    status: Status
    reason: str | None = None
    received: int = 1
    executed: int = 0
    returned: int = 0


class Booking(msgspec.Struct, frozen=True):
    """A movement on the cash control account; the amount in tiyn."""

    reference: str
    day: date
    direction: Literal["DBIT", "CRDT"]
    amount: int
    end_to_end_id: str
    returned: bool = False
    reason: str | None = None


class Document(msgspec.Struct, frozen=True):
    """A statement as it was made: asked for again, it is the same bytes."""

    made_at: datetime
    raw: bytes


class Treasury(msgspec.Struct):
    """`drop`, `drop_registers` and `reject` count the next messages."""

    orders: dict[str, TreasuryOrder] = {}
    registers: dict[str, str] = {}
    rows: dict[str, Row] = {}
    bookings: list[Booking] = []
    documents: list[Document] = []
    account: str = ""
    notified: int = 0
    closed_day: date | None = None
    refused: int = 0
    drop: int = 0
    drop_registers: int = 0
    reject: int = 0
    reason: str = "AC01"
    fault: str | None = None


class Count(msgspec.Struct, frozen=True):
    """How many of the next messages; `reason` for rejections."""

    count: int
    reason: str = "AC01"


class Refused(Exception):
    """The message is not taken; the text is the reason code."""


def state(sandbox: Sandbox) -> Treasury:
    """The stand-in's memory, kept with the others'."""
    kept: Treasury = sandbox.switches.setdefault("treasury", Treasury())
    return kept


def book(
    treasury: Treasury,
    day: date,
    direction: Literal["DBIT", "CRDT"],
    amount: int,
    end_to_end_id: str,
    *,
    returned: bool = False,
    reason: str | None = None,
) -> Booking:
    """Put a movement into the books, under the next reference."""
    reference = f"KT{len(treasury.bookings) + 1:012}"
    made = Booking(reference, day, direction, amount, end_to_end_id, returned, reason)
    treasury.bookings.append(made)
    return made
