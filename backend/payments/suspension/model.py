"""Suspensions of payment and approval, and what decides about them (domain 3.10)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000, pattern=r"\S")]
Sha256Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Ground(StrEnum):
    """M §15: address against licence, tax debt, share of cases without QR, confirmed complaints."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class SuspensionStatus(StrEnum):
    """ACTIVE -> RESOLVED -> RESUMED, or ACTIVE -> EXPIRED (then ground T3 of M §17)."""

    ACTIVE = "ACTIVE"
    RESOLVED = "RESOLVED"
    RESUMED = "RESUMED"
    EXPIRED = "EXPIRED"


class Suspension(msgspec.Struct, frozen=True):
    """One suspension. It freezes approval and payment of acts of `contract_id` (None: of all the
    executor's contracts) until it is resumed. `remove_by` is the last day of the four months.
    """

    suspension_id: UUID
    executor_id: UUID
    contract_id: UUID | None
    act_id: UUID | None
    ground: Ground
    status: SuspensionStatus
    detected_at: datetime
    remove_by: date
    basis: str
    resolution: str | None
    resumed_at: datetime | None
    terminated_from: date | None


class Suspend(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="suspension.raise",
    tag_field="operation",
):
    """The issuer suspends by hand on S1, S2 or S4. Without `contract_id`, all contracts."""

    executor_id: UUID
    ground: Literal["S1", "S2", "S4"]
    basis: Text
    document_sha256: Sha256Hex
    contract_id: UUID | None = None


class Resume(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="suspension.resume",
    tag_field="operation",
):
    """The cause is fully removed, which the document of that hash proves (M §16)."""

    suspension_id: UUID
    document_sha256: Sha256Hex
    text: Text
