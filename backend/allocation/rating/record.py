"""Indicators, scores and factors as they are kept and told. What is imported stands in `model`."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from backend.allocation.decision.model import Group, Unit
from backend.allocation.rating.model import FactorKind, Imported, PartState, Scale


class Indicator(Struct, frozen=True):
    """A definition as it is kept."""

    indicator_id: UUID
    service_type: str
    code: str
    title_kk: str
    title_ru: str
    title_en: str
    definition: str
    unit: str
    source_system: str
    formula_ref: str
    scale: Scale
    target: Decimal | None
    max_points: Decimal | None
    weight: Decimal
    valid_from: date
    valid_to: date | None


class Value(Struct, frozen=True):
    """The newest value of an indicator for an executor in a period; None: it does not apply."""

    executor_id: UUID
    service_type: str
    code: str
    value: Decimal | None
    import_id: UUID


class Part(Struct, frozen=True):
    """One indicator in a score; `attained` is 0 to 1, rounded for people."""

    indicator_id: UUID
    state: PartState
    value: Decimal | None
    value_import_id: UUID | None
    attained: Decimal | None


class Score(Struct, frozen=True):
    """A computed score in thousandths of a point, and what it is made of."""

    score_milli: int
    no_history: bool
    parts: tuple[Part, ...]


class Accreditation(Struct, frozen=True):
    """The rank in force of one executor."""

    executor_id: UUID
    rank: int


class Computed(Struct, frozen=True):
    """What a computation did."""

    imported: Imported
    indicators: int
    executors: int
    scores: int
    newcomers: int


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


class PublicRatingRow(Struct, frozen=True):
    """A rating as everybody may see it: a sole proprietor is a person, and has no name here."""

    executor_id: UUID
    bin: str | None
    name: str | None
    service_type: str
    score_milli: int
    accreditation_rank: int
    no_history: bool
    period: str
    imported_at: datetime


class PublicRating(Struct, frozen=True):
    """A row of the public table, with its place among those of its kind of service."""

    rating: PublicRatingRow
    group: Group


class PartRow(Struct, frozen=True):
    """One indicator of a score, with its definition."""

    code: str
    title_kk: str
    title_ru: str
    title_en: str
    unit: str
    scale: Scale
    target: Decimal | None
    max_points: Decimal | None
    weight: Decimal
    formula_ref: str
    state: PartState
    value: Decimal | None
    attained: Decimal | None
    source_system: str | None
    reference: str | None
    imported_at: datetime | None


class PartView(Struct, frozen=True):
    """An indicator of a score as it is told: exact decimals as text, and a sentence."""

    code: str
    title: str
    unit: str
    scale: Scale
    target: str | None
    max_points: str | None
    weight: str
    formula_ref: str
    state: PartState
    value: str | None
    attained: str | None
    source_system: str | None
    reference: str | None
    imported_at: datetime | None
    explanation: str


class Explained(Struct, frozen=True):
    """A score with everything it is made of."""

    rating: Rating
    group: Group
    parts: list[PartView]


class Factor(Struct, frozen=True):
    """A factor in force, with where it came from."""

    kind: FactorKind
    value: int
    note: str | None
    source_system: str
    period: str
    reference: str
    imported_at: datetime


class CapacityInForce(Struct, frozen=True):
    """What an executor can do, and how old the knowledge is."""

    service_type: str
    region: str
    unit: Unit
    capacity: int | None
    as_of: datetime | None


class Profile(Struct, frozen=True):
    """All factors of 48 of the purchase rules about one executor (R62)."""

    executor_id: UUID
    name: str
    ratings: list[RatingView]
    capacities: list[CapacityInForce]
    factors: list[Factor]
