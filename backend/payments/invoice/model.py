"""E-invoices of executors to the issuer; amounts in tiyn."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

Number = Annotated[str, msgspec.Meta(pattern=r"^\S(.{0,62}\S)?\Z")]


class InvoiceStatus(StrEnum):
    """ISSUED: on its way to the tax body. LINKED: confirmed by it, and the act is INVOICED."""

    ISSUED = "ISSUED"
    LINKED = "LINKED"
    REVOKED = "REVOKED"


class IssueInvoice(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="invoice.issue",
    tag_field="operation",
):
    """An e-invoice for an act the issuer has signed; contract, period and sum equal the act's."""

    act_id: UUID
    number: Number
    issued_on: date
    contract_id: UUID
    period_from: date
    period_to: date
    total_tiyn: int


class Invoice(msgspec.Struct, frozen=True):
    """An e-invoice; `registration_number` is the tax body's."""

    invoice_id: UUID
    act_id: UUID
    number: str
    issued_on: date
    total_tiyn: int
    status: InvoiceStatus
    issued_at: datetime
    confirmed_at: datetime | None
    registration_number: str | None


# --- rows of the database -----------------------------------------------------------------------


class InvoicedAct(msgspec.Struct, frozen=True):
    """The act an invoice is for."""

    status: str
    contract_id: UUID
    period_from: date
    period_to: date
    total_tiyn: int
    signed_at: datetime | None


class ForTax(msgspec.Struct, frozen=True):
    """What the tax body is told."""

    invoice_id: UUID
    act_id: UUID
    number: str
    issued_on: date
    seller_bin: str
    contract_number: str
    period_from: date
    period_to: date
    total_tiyn: int
