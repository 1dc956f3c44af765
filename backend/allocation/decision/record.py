"""A decision as it is kept, asked for and signed. What is computed stands in `model`."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.allocation.decision.model import BaseKind, Group, Mode, Reason, Unit
from backend.allocation.decision.trace import ShareTrace


class DecisionStatus(StrEnum):
    """CALCULATED -> SIGNED -> EXECUTED; ANNULLED when signing is refused, FAILED without applications."""

    CALCULATED = "CALCULATED"
    SIGNED = "SIGNED"
    EXECUTED = "EXECUTED"
    ANNULLED = "ANNULLED"
    FAILED = "FAILED"


class SignDecision(
    Struct, frozen=True, forbid_unknown_fields=True, tag="decision.sign", tag_field="operation"
):
    """The issuer's head signs exactly the published result."""

    decision_id: UUID
    result_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]


class RefuseDecision(
    Struct, frozen=True, forbid_unknown_fields=True, tag="decision.refuse", tag_field="operation"
):
    """The issuer's head will not sign and says why; single results are never edited (D6)."""

    decision_id: UUID
    reason: Annotated[str, Meta(min_length=1, max_length=4_000, pattern=r"\S")]


class OfferedLine(Struct, frozen=True):
    """A line of the announcement with what is offered of it."""

    line_id: UUID
    code: str
    source: str
    unit: Unit
    units: int
    amount_tiyn: int
    tariff_tiyn: int | None
    base_kind: BaseKind
    phc_full: bool
    v_max_percent: int


class AcceptedLine(Struct, frozen=True):
    """A line of an accepted application with the rating and capacity in force; None: not known."""

    line_id: UUID
    application_id: UUID
    executor_id: UUID
    bin: str | None
    seq_no: int
    requested: int
    score_milli: int | None
    accreditation_rank: int | None
    no_history: bool | None
    rating_import_id: UUID | None
    capacity: int | None
    capacity_as_of: datetime | None
    capacity_import_id: UUID | None
    capacity_run_id: UUID | None
    fact: int | None
    fact_import_id: UUID | None
    given_before: int
    coefficient_milli: int | None
    coefficient_import_id: UUID | None


class AcceptedPart(Struct, frozen=True):
    """A co-executor's part of an accepted line; his account and capacity, where they are known."""

    line_id: UUID
    application_id: UUID
    co_executor_no: int
    requested: int
    executor_id: UUID | None
    capacity: int | None
    capacity_as_of: datetime | None


class Origin(Struct, frozen=True, omit_defaults=True):
    """Where the inputs of a share came from, frozen with it (domain 3.4).

    `own_capacity` is the applicant's, `co_capacity` what co-executors added; both before what earlier
    decisions of the plan gave on this line, `given_before`, is taken off (D21).
    """

    rating_import_id: UUID | None = None
    own_capacity: int | None = None
    co_capacity: int = 0
    capacity_as_of: datetime | None = None
    capacity_import_id: UUID | None = None
    capacity_run_id: UUID | None = None
    fact_import_id: UUID | None = None
    given_before: int = 0
    coefficient_import_id: UUID | None = None


class PlanOf(Struct, frozen=True):
    """Which plan an announcement is of."""

    plan_id: UUID
    year: int
    version: int


class SourceTotal(Struct, frozen=True):
    """What a decision gives out of one source, against its limit; tiyn."""

    source: str
    amount_tiyn: int
    before_tiyn: int
    limit_tiyn: int


class SourceSpent(Struct, frozen=True):
    """What earlier decisions of the plan gave out of a source, in tiyn."""

    source: str
    amount_tiyn: int


class Decision(Struct, frozen=True):
    """A decision without its shares; hashes in hex."""

    decision_id: UUID
    announcement_id: UUID
    plan_id: UUID
    year: int
    status: DecisionStatus
    algorithm: str
    input_sha256: str
    result_sha256: str
    calculated_at: datetime
    signed_at: datetime | None
    executed_at: datetime | None
    annulled_at: datetime | None
    annulment_reason: str | None
    lines: int
    shares: int
    amount_tiyn: int
    residue_tiyn: int


class DecisionState(Struct, frozen=True):
    """What a step on a decision looks at, under the row's lock."""

    decision_id: UUID
    announcement_id: UUID
    status: DecisionStatus
    result_sha256: bytes


class ShareRow(Struct, frozen=True):
    """A stored share."""

    decision_id: UUID
    line_id: UUID
    line_code: str
    application_id: UUID
    executor_id: UUID
    executor_name: str
    service_type: str
    seq_no: int
    group: Group
    min: int
    max: int
    allocated: int
    amount_tiyn: int
    reason: Reason | None
    no_history: bool
    trace: ShareTrace
    origin: Origin | None


class ShareView(Struct, frozen=True):
    """A share as it is told, with the way to it in the caller's language."""

    line_id: UUID
    line_code: str
    application_id: UUID
    executor_id: UUID
    executor_name: str
    seq_no: int
    group: Group
    min: int
    max: int
    allocated: int
    amount_tiyn: int
    reason: Reason | None
    no_history: bool
    origin: Origin | None
    warnings: tuple[str, ...]
    explanation: str


class BundleRow(Struct, frozen=True):
    """The published bytes of a decision."""

    status: DecisionStatus
    bundle: bytes


class SealRow(Struct, frozen=True):
    """The published bytes of a decision with the issuer's seal over them, if it is made."""

    status: DecisionStatus
    bundle: bytes
    cms: bytes | None


class PublicDecision(Struct, frozen=True):
    """A decision as everybody may see it; hashes in hex."""

    decision_id: UUID
    announcement_id: UUID
    plan_id: UUID
    year: int
    status: DecisionStatus
    algorithm: str
    result_sha256: str
    calculated_at: datetime
    signed_at: datetime | None
    sealed_at: datetime | None
    lines: int
    shares: int
    amount_tiyn: int
    residue_tiyn: int


class RungRow(Struct, frozen=True):
    """What one group could take of a line above its minimums, and took."""

    group: Group
    headroom: int
    supplement: int


class LineRow(Struct, frozen=True):
    """A decided line as it is kept."""

    line_id: UUID
    line_code: str
    source: str
    region: str
    service_type: str
    unit: Unit
    tariff_tiyn: int | None
    base_kind: BaseKind
    mode: Mode
    plan: int
    sum_min: int
    sum_max: int
    residue: int
    amount_tiyn: int
    shares: int
    rungs: list[RungRow]


class LineView(Struct, frozen=True):
    """A decided line as it is told."""

    line_id: UUID
    line_code: str
    source: str
    region: str
    service_type: str
    unit: Unit
    mode: Mode
    plan: int
    sum_min: int
    sum_max: int
    residue: int
    amount_tiyn: int
    shares: int
    explanation: str
