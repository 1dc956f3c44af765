"""What is imported of indicators, scores and capacities (domain 5.2; order 170).

Ownership is no input anywhere: a state-owned executor is rated as any other (A; R60).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.allocation.decision.model import COEFFICIENT_MAX, SCORE_MILLI_MAX, Unit
from backend.allocation.plan.model import REGION_PATTERN, Amount, Word

ROWS_MAX = 50_000
CSV_MAX = 16_000_000  # characters

CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)"
# An exact decimal, as text: a JSON number with a fraction would be a float on its way.
DECIMAL_PATTERN = r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$(?!\n)"
WEIGHT_PATTERN = r"^[0-9]{1,6}(\.[0-9]{1,6})?$(?!\n)"

Bin = Annotated[str, Meta(pattern=r"^[0-9]{12}$(?!\n)")]
Origin = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Period = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"\S")]
Code = Annotated[str, Meta(pattern=CODE_PATTERN)]
Exact = Annotated[str, Meta(pattern=DECIMAL_PATTERN)]


class ImportKind(StrEnum):
    """What an import holds."""

    RATING = "RATING"
    CAPACITY = "CAPACITY"
    VALUE = "VALUE"
    FACTOR = "FACTOR"
    COEFFICIENT = "COEFFICIENT"


class Scale(StrEnum):
    """How a value becomes a part of the whole, 0 to 1.

    POINTS: points the source gave, of `max_points`. PROPORTION: of the target, and no more than all of
    it. AT_LEAST, ABOVE, AT_MOST: the target is met or not. INFORMATIONAL: counts for nothing (D38).
    """

    POINTS = "points"
    PROPORTION = "proportion"
    AT_LEAST = "at_least"
    ABOVE = "above"
    AT_MOST = "at_most"
    INFORMATIONAL = "informational"


class PartState(StrEnum):
    """What became of an indicator in a score. A value nobody told counts as nothing (D28)."""

    COUNTED = "COUNTED"
    MISSING = "MISSING"
    NOT_APPLICABLE = "NOT_APPLICABLE"
    INFORMATIONAL = "INFORMATIONAL"


class FactorKind(StrEnum):
    """The factors of 48 of the purchase rules that are told, not computed (A)."""

    EXPERIENCE = "EXPERIENCE"  # years
    MONITORING = "MONITORING"  # defects found by monitoring, last year
    COMPLAINTS = "COMPLAINTS"  # justified complaints confirmed by 321/2020, last year
    ACCREDITATION = "ACCREDITATION"  # rank of the category, higher is better; 0 is none
    ATTACHED = "ATTACHED"  # persons attached after the campaign


ACCREDITATION_RANK_MAX = 1_000


# --- what is imported -------------------------------------------------------------------------------


class IndicatorDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """A definition: what is measured, by whom, by which formula, with what target and weight."""

    service_type: Word
    code: Code
    title_kk: Annotated[str, Meta(min_length=1, max_length=500)]
    title_ru: Annotated[str, Meta(min_length=1, max_length=500)]
    title_en: Annotated[str, Meta(min_length=1, max_length=500)]
    definition: Annotated[str, Meta(min_length=1, max_length=4_000)]
    unit: Annotated[str, Meta(min_length=1, max_length=50)]
    source_system: Origin
    formula_ref: Origin
    scale: Scale
    weight: Annotated[str, Meta(pattern=WEIGHT_PATTERN)]
    valid_from: date
    valid_to: date | None = None
    target: Exact | None = None
    max_points: Exact | None = None


class SetIndicators(Struct, frozen=True, forbid_unknown_fields=True):
    """Definitions to be added; one that replaces another ends the other the day before it begins."""

    rows: Annotated[list[IndicatorDraft], Meta(min_length=1, max_length=1_000)]


class ValueRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A value of an indicator; null: the source says that it does not apply to this executor."""

    bin: Bin
    service_type: Word
    code: Code
    value: Exact | None


class ImportValues(Struct, frozen=True, forbid_unknown_fields=True):
    """Values of a period with their origin: the system and the document."""

    source_system: Origin
    period: Period
    reference: Origin
    rows: Annotated[list[ValueRow], Meta(min_length=1, max_length=ROWS_MAX)]


class ImportValueTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The same as a CSV table: `bin,service_type,code,value`; `-` says that it does not apply."""

    source_system: Origin
    period: Period
    reference: Origin
    csv: Annotated[str, Meta(min_length=1, max_length=CSV_MAX)]


class FactorRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A factor of one executor."""

    bin: Bin
    kind: FactorKind
    value: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    note: Annotated[str, Meta(min_length=1, max_length=1_000)] | None = None


class ImportFactors(Struct, frozen=True, forbid_unknown_fields=True):
    """Factors with their origin."""

    source_system: Origin
    period: Period
    reference: Origin
    rows: Annotated[list[FactorRow], Meta(min_length=1, max_length=ROWS_MAX)]


class ComputeRatings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which period's values to rate by, by the definitions in force on which day."""

    period: Period
    on: date


class RatingRow(Struct, frozen=True, forbid_unknown_fields=True):
    """An executor's score for a kind of service, in thousandths of a point.

    `no_history`: a newcomer without indicators, score 0 (D17). A higher accreditation rank is
    better, 0 is none.
    """

    bin: Bin
    service_type: Word
    score_milli: Annotated[int, Meta(ge=0, le=SCORE_MILLI_MAX)]
    accreditation_rank: Annotated[int, Meta(ge=0, le=ACCREDITATION_RANK_MAX)] = 0
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
    """Scores computed elsewhere, with their origin: the system, the period, the document."""

    source_system: Origin
    period: Period
    reference: Origin
    rows: Annotated[list[RatingRow], Meta(min_length=1, max_length=ROWS_MAX)]


class ImportCapacities(Struct, frozen=True, forbid_unknown_fields=True):
    """Capacities and facts with their origin (A, business process 3)."""

    source_system: Origin
    period: Period
    reference: Origin
    rows: Annotated[list[CapacityRow], Meta(min_length=1, max_length=ROWS_MAX)]


class CoefficientRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A provider's coefficient to the tariffs of a kind of service in a region, in thousandths (D22)."""

    bin: Bin
    service_type: Word
    region: Annotated[str, Meta(pattern=REGION_PATTERN)]
    coefficient_milli: Annotated[int, Meta(ge=1, le=COEFFICIENT_MAX)]


class ImportCoefficients(Struct, frozen=True, forbid_unknown_fields=True):
    """Coefficients with their origin; 1000 takes an earlier one back."""

    source_system: Origin
    period: Period
    reference: Origin
    rows: Annotated[list[CoefficientRow], Meta(min_length=1, max_length=ROWS_MAX)]


Import = ImportRatings | ImportCapacities | ImportValues | ImportFactors | ImportCoefficients


class Imported(Struct, frozen=True):
    """The answer to an import; the hash is of the rows as canonical JSON."""

    import_id: UUID
    kind: ImportKind
    rows: int
    rows_sha256: str
    imported_at: datetime
