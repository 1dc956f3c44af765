"""Terminations of payment and what the issuer decides about them (domain 3.10, D10)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from backend.payments.suspension.model import Sha256Hex, Text

Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]
ACTS_MAX = 500


class TerminationGround(StrEnum):
    """M §17: a decision on the licence, a monitoring protocol, a cause not removed in four months."""

    T1 = "T1"
    T2 = "T2"
    T3 = "T3"


class TerminationStatus(StrEnum):
    """OPEN (payment is stopped) -> DECIDED (contracts terminated by the issuer), or WITHDRAWN."""

    OPEN = "OPEN"
    DECIDED = "DECIDED"
    WITHDRAWN = "WITHDRAWN"


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The documentary confirmation of a ground (M §17): what it is and the SHA-256 of its file."""

    number: Line
    issued_on: date
    issued_by: Line
    sha256: Sha256Hex


class Termination(msgspec.Struct, frozen=True):
    """Payment under these contracts is stopped from `detected_at`; the ground counts from `effective_from`.

    T1: the day the issuer received the decision; T2: the day the non-conformity was recorded; T3: the day
    after the four months (`suspension_id`).
    """

    termination_id: UUID
    executor_id: UUID
    ground: TerminationGround
    status: TerminationStatus
    detected_at: datetime
    effective_from: date
    basis: str
    document: Document | None
    suspension_id: UUID | None
    protocol_id: UUID | None
    contract_ids: tuple[UUID, ...]
    decision: str | None
    decided_at: datetime | None
    withdrawal: str | None
    withdrawn_at: datetime | None


class Verdict(StrEnum):
    """What becomes of an act for services before the effective date (D10)."""

    SETTLE = "SETTLE"
    HOLD = "HOLD"


class StoppedAct(msgspec.Struct, frozen=True):
    """An act that a termination stops: whether all its services were before, and what was decided."""

    act_id: UUID
    contract_id: UUID
    number: str
    status: str
    total_tiyn: int
    before: bool
    verdict: Verdict | None
    decided_at: datetime | None


class TerminationWithActs(msgspec.Struct, frozen=True):
    """A termination and the unpaid acts it stops (at most 1,000 are shown)."""

    termination: Termination
    acts: list[StoppedAct]


# --- signed commands ----------------------------------------------------------------------------


class Open(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="termination.open",
    tag_field="operation",
):
    """The issuer stops payment on T1 or T2. Without `contract_id`, under all contracts.

    `effective_from`: T1 the day the issuer received the decision, T2 the day of the record (D10).
    """

    executor_id: UUID
    ground: Literal["T1", "T2"]
    effective_from: date
    document: Document
    basis: Text
    contract_id: UUID | None = None


class Terminate(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="contract.terminate",
    tag_field="operation",
):
    """The issuer's head terminates the contracts (M §18); T3 brings its document here."""

    termination_id: UUID
    text: Text
    document: Document | None = None


class Settle(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="termination.settle",
    tag_field="operation",
):
    """The issuer settles or holds acts for services before the effective date (D10)."""

    termination_id: UUID
    acts: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=ACTS_MAX)]
    verdict: Verdict
    reason: Text


class Withdraw(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="termination.withdraw",
    tag_field="operation",
):
    """The ground fell away (a decision annulled, a record in error), which the document proves."""

    termination_id: UUID
    document: Document
    text: Text


class Rest(msgspec.Struct, frozen=True):
    """A line of a terminated contract; `kept_tiyn` of its money acts still wait for."""

    contract_id: UUID
    line_id: UUID
    kept_tiyn: int
