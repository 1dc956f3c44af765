"""E-invoices of executors to the issuer; amounts in tiyn."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

Number = Annotated[str, msgspec.Meta(pattern=r"^\S(.{0,62}\S)?\Z")]


class InvoiceStatus(StrEnum):
    """ISSUED: on its way to the tax body. LINKED: confirmed by it, and the act is INVOICED.

    REVOKING: taken back by its executor, the tax body is being told. REVOKED: it is gone at both.
    """

    ISSUED = "ISSUED"
    LINKED = "LINKED"
    REVOKING = "REVOKING"
    REVOKED = "REVOKED"


class RevokeInvoice(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="invoice.revoke",
    tag_field="operation",
):
    """The executor takes its e-invoice back, as long as the act is in no register."""

    invoice_id: UUID
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"\S")]


class DifferenceKind(StrEnum):
    """How an e-invoice differs from the tax body's books.

    NOT_LINKED: it confirmed and we had not heard; linked. REVOKED_AT_TAX: it was revoked there; ours goes
    too, unless the act is in a register. UNKNOWN_TO_TAX (confirmed once, and unknown now), CONTENT_DIFFERS,
    REGISTRATION_DIFFERS: a person must look. While one is open no order of the act passes its control.
    """

    UNKNOWN_TO_TAX = "UNKNOWN_TO_TAX"
    NOT_LINKED = "NOT_LINKED"
    REVOKED_AT_TAX = "REVOKED_AT_TAX"
    CONTENT_DIFFERS = "CONTENT_DIFFERS"
    REGISTRATION_DIFFERS = "REGISTRATION_DIFFERS"


class Difference(msgspec.Struct, frozen=True):
    """Something that differs, or did; `detail` names the fields, ours and theirs."""

    difference_id: UUID
    invoice_id: UUID
    act_id: UUID
    kind: DifferenceKind
    detail: dict[str, list[str | None]]
    mended: bool
    found_at: datetime
    gone_at: datetime | None


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


class Compared(msgspec.Struct, frozen=True):
    """An e-invoice as it is compared with the tax body's."""

    invoice_id: UUID
    act_id: UUID
    act_status: str
    status: InvoiceStatus
    number: str
    seller_bin: str
    contract_number: str
    period_from: date
    period_to: date
    total_tiyn: int
    registration_number: str | None


class Revoking(msgspec.Struct, frozen=True):
    """An e-invoice that is being revoked."""

    invoice_id: UUID
    act_id: UUID
    number: str
    seller_bin: str
    revocation: str
