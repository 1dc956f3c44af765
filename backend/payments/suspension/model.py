"""Suspensions of payment and approval, and what decides about them (domain 3.10)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
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


class Origin(StrEnum):
    """Who raised a suspension: the system by itself, or the issuer by a signed decision."""

    SYSTEM = "SYSTEM"
    ISSUER = "ISSUER"


class Suspension(msgspec.Struct, frozen=True):
    """One suspension. It freezes approval and payment of acts of `contract_id` (None: of all the
    executor's contracts) until it is resumed. `remove_by` is the last day of the four months;
    `basis` says the cause in a line, `facts` what was seen of it (debts, addresses, counts);
    `basis_sha256` is the hash of the document or, raised by the system, of the facts.
    """

    suspension_id: UUID
    executor_id: UUID
    contract_id: UUID | None
    act_id: UUID | None
    ground: Ground
    status: SuspensionStatus
    detected_at: datetime
    remove_by: date
    origin: Origin
    basis: str
    basis_sha256: str | None
    facts: dict[str, Any]
    resolution: str | None
    resolution_sha256: str | None
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
    """The cause is fully removed, which the document of that hash proves (M §16).

    `document_date`: the day of the document, if not today; a source's record of that day or later
    that still shows the cause stands against it.
    """

    suspension_id: UUID
    document_sha256: Sha256Hex
    text: Text
    document_date: date | None = None


class Cause(msgspec.Struct, frozen=True):
    """A cause found of an executor, from which a suspension of all its contracts follows."""

    executor_id: UUID
    ground: Ground
    basis: str
    facts: dict[str, Any]


class Change(msgspec.Struct, frozen=True):
    """An event in the life of a suspension or a termination; `actor` is a role and its organisation."""

    at: datetime
    kind: str
    actor: str
    payload: dict[str, Any]


# --- rows of the database -----------------------------------------------------------------------


class Raised(msgspec.Struct, frozen=True):
    """A suspension that was raised just now."""

    suspension_id: UUID
    executor_id: UUID
    ground: Ground


class Asked(msgspec.Struct, frozen=True):
    """An executor as a source is asked about it: what was looked at before `since` counts no more."""

    executor_id: UUID
    number: str
    since: date


class Visited(msgspec.Struct, frozen=True):
    """Where an executor received people, on which legal days."""

    executor_id: UUID
    facility_id: UUID
    address: str
    days: tuple[date, ...]
