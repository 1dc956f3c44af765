"""The plan, its lines and limits, and the announcement (domain 3.2)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.allocation.decision.model import V_MAX_PERCENT, BaseKind, Unit
from backend.kernel.money import AMOUNT_MAX

LINES_MAX = 50_000
TITLE_MAX = 500
# `$` alone would let a line break through at the end.
CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)"
WORD_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,63}$(?!\n)"
# The first two digits of KATO; `KZ` for republican organisations (domain 5.4).
REGION_PATTERN = r"^[A-Z0-9]{2,9}$(?!\n)"

Amount = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
Word = Annotated[str, Meta(pattern=WORD_PATTERN)]
Title = Annotated[str, Meta(min_length=1, max_length=TITLE_MAX)]


class Source(StrEnum):
    """The funding source: guaranteed volume, or insurance. Their money never mixes."""

    GVFMC = "gvfmc"
    MHI = "mhi"


class PlanStatus(StrEnum):
    """DRAFT -> APPROVED -> PUBLISHED -> AMENDED -> CLOSED."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    AMENDED = "AMENDED"
    CLOSED = "CLOSED"


# A plan of the year is in force also once it was changed (domain 6.4).
IN_FORCE = frozenset({PlanStatus.PUBLISHED, PlanStatus.AMENDED})


class AnnouncementStatus(StrEnum):
    """PUBLISHED -> ACCEPTING -> CLOSED -> ALLOCATED or FAILED."""

    PUBLISHED = "PUBLISHED"
    ACCEPTING = "ACCEPTING"
    CLOSED = "CLOSED"
    ALLOCATED = "ALLOCATED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class LineDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """One line as it is imported: `planned_units` of services with their tariff, or of tiyn without."""

    code: Annotated[str, Meta(pattern=CODE_PATTERN)]
    source: Source
    region: Annotated[str, Meta(pattern=REGION_PATTERN)]
    service_type: Word
    care_form: Word
    title_kk: Title
    title_ru: Title
    unit: Unit
    planned_units: Amount
    base_kind: BaseKind
    payment_method: Word
    tariff_tiyn: Annotated[int, Meta(ge=1, le=AMOUNT_MAX)] | None = None
    lot: bool = False
    phc_full: bool = False
    v_max_percent: Annotated[int, Meta(ge=V_MAX_PERCENT, le=100)] = V_MAX_PERCENT


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """The financing limit of each source, in tiyn."""

    gvfmc: Amount
    mhi: Amount

    def of(self, source: Source) -> int:
        """The limit of one source, in tiyn."""
        return self.gvfmc if source is Source.GVFMC else self.mhi


Year = Annotated[int, Meta(ge=2020, le=2100)]


class ImportPlan(
    Struct, frozen=True, forbid_unknown_fields=True, tag="plan.import", tag_field="operation"
):
    """A plan of one year; signed by the issuer."""

    year: Year
    limits: Limits
    lines: Annotated[list[LineDraft], Meta(min_length=1, max_length=LINES_MAX)]


class ImportPlanTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The same as a CSV table in UTF-8, unsigned: it becomes a draft, nothing more."""

    year: Year
    limits: Limits
    csv: Annotated[str, Meta(min_length=1, max_length=16_000_000)]


class ImportPlanWorkbook(Struct, frozen=True, forbid_unknown_fields=True):
    """The same as an XLSX workbook, base64; its first sheet has the columns of the CSV table."""

    year: Year
    limits: Limits
    xlsx: Annotated[str, Meta(min_length=1, max_length=16_000_000)]


class ApprovePlan(
    Struct, frozen=True, forbid_unknown_fields=True, tag="plan.approve", tag_field="operation"
):
    """The issuer's head approves a draft. A draft's lines never change, so its id says them all."""

    plan_id: UUID


class PublishPlan(
    Struct, frozen=True, forbid_unknown_fields=True, tag="plan.publish", tag_field="operation"
):
    """The issuer publishes an approved plan with its announcement."""

    plan_id: UUID


class Plan(Struct, frozen=True):
    """A plan without its lines. Amounts in tiyn, per source."""

    plan_id: UUID
    year: int
    version: int
    status: PlanStatus
    lines: int
    gvfmc_tiyn: int
    gvfmc_limit_tiyn: int
    mhi_tiyn: int
    mhi_limit_tiyn: int
    imported_at: datetime
    approved_at: datetime | None
    published_at: datetime | None


class PlanState(Struct, frozen=True):
    """What a step of a plan's life looks at, under the row's lock."""

    plan_id: UUID
    year: int
    status: PlanStatus


class SourceSum(Struct, frozen=True):
    """What the lines of one source cost together, against its limit; tiyn."""

    source: Source
    amount_tiyn: int
    limit_tiyn: int


class PlanLine(Struct, frozen=True):
    """A line of the plan."""

    line_id: UUID
    code: str
    source: Source
    region: str
    service_type: str
    care_form: str
    title_kk: str
    title_ru: str
    unit: Unit
    planned_units: int
    tariff_tiyn: int | None
    amount_tiyn: int
    base_kind: BaseKind
    payment_method: str
    lot: bool
    phc_full: bool
    v_max_percent: int


class Announcement(Struct, frozen=True):
    """An announcement; applications are in time up to and with `accepting_until` (D4)."""

    announcement_id: UUID
    plan_id: UUID
    year: int
    status: AnnouncementStatus
    posted_at: datetime
    accepting_until: datetime
    lines: int
    amount_tiyn: int
    applications: int


class AnnouncementState(Struct, frozen=True):
    """What a step on an announcement looks at, under the row's lock."""

    announcement_id: UUID
    plan_id: UUID
    status: AnnouncementStatus
    accepting_until: datetime
    last_seq_no: int
    last_submitted_at: datetime | None


class Published(Struct, frozen=True):
    """The answer to a publication."""

    announcement_id: UUID
    plan_id: UUID
    posted_at: datetime
    accepting_until: datetime


class WindowOver(Struct, frozen=True):
    """A window that has just been closed."""

    announcement_id: UUID
    accepting_until: datetime
