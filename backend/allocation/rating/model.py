"""Scores by kind of service, and what an executor can do (domain 5.2; order 170)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.allocation.decision.model import SCORE_MILLI_MAX, Group, Unit
from backend.allocation.plan.model import REGION_PATTERN, Amount, Word

ROWS_MAX = 50_000

Bin = Annotated[str, Meta(pattern=r"^[0-9]{12}$(?!\n)")]
Origin = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]


class ImportKind(StrEnum):
    """What an import holds."""

    RATING = "RATING"
    CAPACITY = "CAPACITY"


class RatingRow(Struct, frozen=True, forbid_unknown_fields=True):
    """An executor's score for a kind of service, in thousandths of a point.

    `no_history`: a newcomer without indicators, score 0 (D17). A higher accreditation rank is
    better, 0 is none.
    """

    bin: Bin
    service_type: Word
    score_milli: Annotated[int, Meta(ge=0, le=SCORE_MILLI_MAX)]
    accreditation_rank: Annotated[int, Meta(ge=0, le=1_000)] = 0
    no_history: bool = False


class CapacityRow(Struct, frozen=True, forbid_unknown_fields=True):
    """What an executor can do in a region, and did this year; in services or in tiyn, as the line."""

    bin: Bin
    service_type: Word
    region: Annotated[str, Meta(pattern=REGION_PATTERN)]
    unit: Unit
    capacity: Amount | None = None
    fact: Amount | None = None


class ImportRatings(Struct, frozen=True, forbid_unknown_fields=True):
    """Scores with their origin: the system, the period, the document."""

    source_system: Origin
    period: Annotated[str, Meta(min_length=1, max_length=50, pattern=r"\S")]
    reference: Origin
    rows: Annotated[list[RatingRow], Meta(min_length=1, max_length=ROWS_MAX)]


class ImportCapacities(Struct, frozen=True, forbid_unknown_fields=True):
    """Capacities and facts with their origin (A, business process 3)."""

    source_system: Origin
    period: Annotated[str, Meta(min_length=1, max_length=50, pattern=r"\S")]
    reference: Origin
    rows: Annotated[list[CapacityRow], Meta(min_length=1, max_length=ROWS_MAX)]


class Imported(Struct, frozen=True):
    """The answer to an import; the hash is of the rows as canonical JSON."""

    import_id: UUID
    kind: ImportKind
    rows: int
    rows_sha256: str
    imported_at: datetime


class Rating(Struct, frozen=True):
    """The rating in force of one executor for one kind of service."""

    executor_id: UUID
    executor_name: str
    service_type: str
    score_milli: int
    accreditation_rank: int
    no_history: bool
    import_id: UUID
    imported_at: datetime


class RatingView(Struct, frozen=True):
    """A rating with its group, for everyone who may see it."""

    rating: Rating
    group: Group
