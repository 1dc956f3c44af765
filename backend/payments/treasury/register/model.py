"""The acts register of Appendix 1; amounts in tiyn."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

from backend.payments.ledger.model import Source

ROWS_MAX = 1_000


class RegisterStatus(StrEnum):
    """FORMED -> SIGNED by the issuer's head -> SENT: all its payment orders are signed."""

    FORMED = "FORMED"
    SIGNED = "SIGNED"
    SENT = "SENT"


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
    """A register without its rows. `content_sha256` is what the head signs for."""

    register_id: UUID
    number: int
    source: Source
    status: RegisterStatus
    formed_at: datetime
    row_count: int
    total_tiyn: int
    content_sha256: str
    signed_at: datetime | None


class RegisterWithRows(Register, frozen=True):
    """A register and its rows."""

    rows: list[RegisterRow]


# --- rows of the database -----------------------------------------------------------------------


class Candidate(msgspec.Struct, frozen=True):
    """An act that can go into the register, in chronological order; the row without its number."""

    act_id: UUID
    running_tiyn: int
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
