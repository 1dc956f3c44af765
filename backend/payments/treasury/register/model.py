"""The acts register of Appendix 1; amounts in tiyn."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from backend.payments.ledger.model import Source

ROWS_MAX = 1_000


class RegisterStatus(StrEnum):
    """FORMED -> SIGNED by the issuer's head -> SENT: the Treasury has taken its file (domain 3.8).

    DISSOLVED: taken apart by a signed decision before the head signed; its acts wait for another.
    """

    FORMED = "FORMED"
    SIGNED = "SIGNED"
    SENT = "SENT"
    DISSOLVED = "DISSOLVED"


class FormRegister(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Form a register of the invoiced acts of one funding source."""

    source: Source


class SignRegister(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="register.sign",
    tag_field="operation",
):
    """The issuer's head signs the register whose content has this hash (App.1)."""

    register_id: UUID
    content_sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class DissolveRegister(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="register.dissolve",
    tag_field="operation",
):
    """Take an unsigned register apart; `reason` is kept with it."""

    register_id: UUID
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"\S")]


class RegisterRow(msgspec.Struct, frozen=True):
    """Exactly the thirteen columns of Appendix 1, in their order. `sum_tiyn` is the payment sum."""

    no: int
    sender: str
    recipient: str
    recipient_bin: str
    basis: str
    service_name: str
    sender_account: str
    recipient_account: str
    act_number: str
    act_date: date
    service_period: str
    recipient_bic: str
    sum_tiyn: int


class Register(msgspec.Struct, frozen=True):
    """A register without its rows. `content_sha256` is what the head signs for.

    `refusal` is the Treasury's reason for not taking the file; no order of it is sent then. A register
    that was dissolved keeps its number and its rows, and says when and why.
    """

    register_id: UUID
    number: int
    source: Source
    status: RegisterStatus
    formed_at: datetime
    row_count: int
    total_tiyn: int
    content_sha256: str
    signed_at: datetime | None
    delivered_at: datetime | None
    refusal: str | None
    dissolved_at: datetime | None
    dissolution_reason: str | None


class RegisterWithRows(Register, frozen=True):
    """A register and its rows."""

    rows: list[RegisterRow]


class RegisterFile(msgspec.Struct, frozen=True):
    """The exact bytes the head signs for (base64 in JSON), and their SHA-256."""

    register_id: UUID
    content_sha256: str
    content: bytes


# --- rows of the database -----------------------------------------------------------------------


class FileHeader(msgspec.Struct, frozen=True):
    """What the file of a register says of itself, before it is counted, summed and hashed."""

    message_id: str
    number: int
    source: Source
    payer_bin: str
    formed_at: datetime


class ToDeliver(msgspec.Struct, frozen=True):
    """A signed register the Treasury has not taken yet."""

    register_id: UUID
    content: bytes
    document: bytes
    signature: bytes


class Candidate(msgspec.Struct, frozen=True):
    """An act that can go into the register, in chronological order; the row without its number."""

    act_id: UUID
    running_tiyn: int
    sender_bin: str
    sender: str
    recipient: str
    recipient_bin: str
    basis: str
    service_name: str
    sender_account: str
    recipient_account: str
    act_number: str
    act_date: date
    service_period: str
    recipient_bic: str
    sum_tiyn: int
