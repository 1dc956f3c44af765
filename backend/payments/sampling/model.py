"""Samples of lines to be looked at, and the parameters of the rules that find them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct, field

Points = Annotated[int, Meta(ge=0, le=1_000)]  # 0 turns a rule off
Words = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=r"\S")]
Word = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}\Z")]
Region = Annotated[str, Meta(pattern=r"^\S.{0,63}\Z")]
LINES_MAX = 2_000  # of each part: what people can look at


class Rule(StrEnum):
    """What makes a line worth looking at. None of these refuses anything."""

    NO_VISIT = "NO_VISIT"  # no QR visit stands beside the service
    TWO_PLACES = "TWO_PLACES"  # one worker at two facilities in one minute
    TWO_STAYS = "TWO_STAYS"  # one person in two inpatient stays
    SAME_MINUTE = "SAME_MINUTE"  # many people at one worker in one minute
    TOO_FAR = "TOO_FAR"  # two visits of a person too far apart for the time between
    PHONE_AWAY = "PHONE_AWAY"  # the phone that registered the visit was far from the facility
    OUTLIER = "OUTLIER"  # more per person than peers of the same service and region


class Part(StrEnum):
    """RISK: the highest scores. RANDOM: by the seed, whatever the score."""

    RISK = "RISK"
    RANDOM = "RANDOM"


class SampleStatus(StrEnum):
    """WAITING for the worker, or DRAWN."""

    WAITING = "WAITING"
    DRAWN = "DRAWN"


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers of the rules. Ours until the issuer signs others; no law names them ([ENG]).

    `..._points` are added up to a line's score. `outlier_z_milli`: thousandths of a robust z-score.
    """

    no_visit_points: Points = 300
    two_places_points: Points = 400
    two_stays_points: Points = 500
    stay_forms: Annotated[list[Word], Meta(max_length=20)] = field(
        default_factory=lambda: ["inpatient"]
    )
    stay_overlap_days: Annotated[int, Meta(ge=1, le=365)] = 2  # one day in common may be a transfer
    same_minute_points: Points = 250
    same_minute_people: Annotated[int, Meta(ge=2, le=10_000)] = 3
    too_far_points: Points = 350
    too_far_km: Annotated[int, Meta(ge=1, le=5_000)] = 10
    too_far_kmh: Annotated[int, Meta(ge=1, le=2_000)] = 150
    phone_away_points: Points = 250
    phone_away_m: Annotated[int, Meta(ge=1, le=5_000_000)] = 1_000
    outlier_points: Points = 200
    outlier_z_milli: Annotated[int, Meta(ge=500, le=100_000)] = 3_500  # Iglewicz and Hoaglin, 1993
    outlier_peers: Annotated[int, Meta(ge=3, le=1_000)] = 5
    risk_lines: Annotated[int, Meta(ge=0, le=LINES_MAX)] = 200
    lines_per_executor: Annotated[int, Meta(ge=1, le=LINES_MAX)] = 20  # of the risk part
    random_lines: Annotated[int, Meta(ge=0, le=LINES_MAX)] = 100


class SetParameters(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="sampling.set_parameters",
    tag_field="operation",
):
    """Other numbers for the rules, and why."""

    values: Parameters
    reason: Words


class ParametersInForce(Struct, frozen=True):
    """The numbers samples are drawn by now; `no` None: those this version of the service came with."""

    no: int | None
    values: Parameters
    reason: str | None
    set_by: str | None
    set_at: datetime | None


class AskSample(Struct, frozen=True, forbid_unknown_fields=True):
    """Draw a sample of the lines of a period, in one region or everywhere."""

    period_from: date
    period_to: date
    region: Region | None = None


class Sample(Struct, frozen=True):
    """A sample. `seed_sha256` is told when it is asked for, the seed (hex) once it is published."""

    sample_id: UUID
    period_from: date
    period_to: date
    region: str | None
    status: SampleStatus
    parameters_no: int | None
    parameters: Parameters
    seed_sha256: str
    seed: str | None
    asked_at: datetime
    lines: int | None
    risky_lines: int | None
    drawn_at: datetime | None
    published_at: datetime | None


class Hit(Struct, frozen=True):
    """A rule that met a line, with its numbers: what they are depends on the rule."""

    rule: Rule
    points: int
    at: datetime | None = None
    a: float | None = None
    b: float | None = None
    c: float | None = None


class ItemRow(Struct, frozen=True):
    """A line of a sample as stored."""

    no: int
    part: Part
    act_id: UUID
    act_number: str
    line_no: int
    case_id: UUID
    person_id: UUID
    executor_id: UUID
    executor_name: str
    service_code: str
    service_date: date
    amount_tiyn: int
    score: int
    hits: list[Hit]


class Reason(Struct, frozen=True):
    """Why a line has its score: the rule, its points, and both said in words."""

    rule: Rule
    points: int
    text: str


class Item(Struct, frozen=True):
    """A line of a sample without the person it is about."""

    no: int
    part: Part
    act_id: UUID
    act_number: str
    line_no: int
    case_id: UUID
    executor_id: UUID
    executor_name: str
    service_code: str
    service_date: date
    amount_tiyn: int
    score: int
    reasons: list[Reason]


class SampledExecutor(Struct, frozen=True):
    """How an executor's lines compare; `score_milli`: the mean score of a line, in thousandths."""

    executor_id: UUID
    name: str
    lines: int
    risky_lines: int
    score_milli: int
    in_risk_part: int


class Drawn(Struct, frozen=True):
    """How many lines there were, and how many met a rule."""

    lines: int
    risky_lines: int


class Waiting(Struct, frozen=True):
    """What drawing a sample must know."""

    sample_id: UUID
    period_from: date
    period_to: date
    region: str | None
    parameters: Parameters
    seed: bytes
