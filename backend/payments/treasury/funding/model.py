"""Funding invoices and transfers; amounts in tiyn (domain 3.8)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Number = Annotated[str, msgspec.Meta(pattern=r"^\S(.{0,62}\S)?\Z")]
Amount = Annotated[int, msgspec.Meta(ge=1, le=10**18)]
FundingSource = Literal["moh_gvfmc", "moh_mhi", "leb_mhi"]
# `leb_gvfmc` is understood in order to be refused by name (D32).
AskedSource = Literal["moh_gvfmc", "moh_mhi", "leb_mhi", "leb_gvfmc"]


class AskForMoney(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The issuer's invoice on whose basis money is transferred (M §14)."""

    number: Number
    source: AskedSource
    payer_bin: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}\Z")]
    amount_tiyn: Amount


class RecordTransfer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money that reached the issuer. `reference` is the payer's, and counts once."""

    reference: Number
    source: AskedSource
    invoice_id: UUID
    amount_tiyn: Amount


class MoveMoney(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="funding.move",
    tag_field="operation",
):
    """From the National Bank account to the cash control account (M §4(4)); MHI money only."""

    reference: Number
    amount_tiyn: Amount


class FundingInvoice(msgspec.Struct, frozen=True):
    """An invoice and how much of it has come."""

    invoice_id: UUID
    number: str
    source: FundingSource
    payer_bin: str
    amount_tiyn: int
    paid_tiyn: int
    issued_at: datetime


class FundingTransfer(msgspec.Struct, frozen=True):
    """Money that moved: to the cash control account (`kbsh`) or the National Bank (`nbk`)."""

    transfer_id: UUID
    kind: str
    destination: str
    reference: str
    invoice_id: UUID | None
    amount_tiyn: int
    received_at: datetime


class Money(msgspec.Struct, frozen=True):
    """What the issuer holds of one source, in tiyn."""

    source: str
    nbk_tiyn: int
    kbsh_tiyn: int
    sent_tiyn: int


class TermState(StrEnum):
    """How the 30 calendar days of money received fare."""

    RUNNING = "RUNNING"
    KEPT = "KEPT"
    BREACHED = "BREACHED"


class FundingTerm(msgspec.Struct, frozen=True):
    """The term d6 of money received: the first orders paid from it are signed by `due_on` (M §14).

    `days_left` counts calendar days to the last one, 0 on it; None once the orders are signed.
    """

    transfer_id: UUID
    kind: str
    reference: str
    amount_tiyn: int
    received_at: datetime
    due_on: date
    done_at: datetime | None
    state: TermState
    days_left: int | None


# --- rows of the database -----------------------------------------------------------------------


class TermRow(msgspec.Struct, frozen=True):
    """Money received and its term."""

    transfer_id: UUID
    kind: str
    reference: str
    amount_tiyn: int
    received_at: datetime
    due_at: datetime
    done_at: datetime | None
