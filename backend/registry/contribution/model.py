"""Deductions, contributions and privileges of persons, as the State Corporation tells them."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.kernel.money import AMOUNT_MAX
from backend.registry.entitlement.model import Period, ReceiptKind
from backend.registry.feed.model import ROWS_MAX

Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"^[!-~]+\Z")]
Amount = Annotated[int, msgspec.Meta(ge=1, le=AMOUNT_MAX)]
# domain 5.6, table of payers, without those who pay out of a budget
PayerKind = Literal[
    "employer", "employee", "contractor", "sole_proprietor", "self_payer", "self_employed"
]


class ReceiptEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One payment for one month. `payer_bin` None, or the person's own IIN: paid by himself.

    `payer_kind`: as what he paid; left out, as a self-payer, who is judged by twelve months (D40).
    `source_ref` names the payment in the source, once and for ever.
    """

    iin: str
    paid_on: date
    period: Period
    kind: ReceiptKind
    amount_tiyn: Amount
    source_ref: Reference
    payer_bin: str | None = None
    payer_kind: PayerKind | None = None


class RefundEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was paid back of the payment `source_ref`, in all."""

    source_ref: Reference
    refunded_tiyn: Amount
    refunded_on: date


class ContributionBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Receipts, then refunds of these or of earlier ones."""

    batch_id: UUID
    receipts: Annotated[tuple[ReceiptEntry, ...], msgspec.Meta(max_length=ROWS_MAX)]
    refunds: Annotated[tuple[RefundEntry, ...], msgspec.Meta(max_length=ROWS_MAX)] = ()


class PrivilegeEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A category the State pays for (MHI law art. 26), both days inclusive; None: still open."""

    iin: str
    category: str
    valid_from: date
    valid_to: date | None = None


class PrivilegeBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Categories of persons."""

    batch_id: UUID
    privileges: Annotated[
        tuple[PrivilegeEntry, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)
    ]


class Contribution(msgspec.Struct, frozen=True):
    """A receipt as stored (the rows of Appendix 3); `payer_bin` None: the person himself."""

    contribution_id: UUID
    paid_on: date
    period: str
    kind: ReceiptKind
    amount_tiyn: int
    payer_bin: str | None
    refunded_tiyn: int
    refunded_on: date | None


class StoredReceipt(msgspec.Struct, frozen=True):
    """What stands under a `source_ref`."""

    source_ref: str
    person_id: UUID
    contribution_id: UUID
    paid_on: date
    period: str
    kind: ReceiptKind
    amount_tiyn: int
    payer_bin: str | None
    refunded_tiyn: int
