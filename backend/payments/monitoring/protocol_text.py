"""What a protocol says: the four blocks of M §21, as the issuer drafts them."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

FINDINGS_MAX = 2_000

Words = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=r"\S")]
Long = Annotated[str, Meta(max_length=20_000)]
Code = Annotated[str, Meta(pattern=r"^[A-Z0-9][A-Z0-9._-]{0,31}\Z")]
# `5wd`, `30cd`, `4mo`: counted from the day of the last signature (D3)
TermText = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,3}(wd|cd|mo)\Z")]


class MemberKind(StrEnum):
    """The five kinds every commission has (M §20)."""

    ISSUER = "ISSUER"
    CHAMBER = "CHAMBER"  # the regional chamber of entrepreneurs
    MEDICAL_CONTROL = "MEDICAL_CONTROL"  # territorial unit of the body for medical services
    SANITARY_CONTROL = "SANITARY_CONTROL"  # the body of sanitary-epidemiological welfare
    LOCAL_HEALTH = "LOCAL_HEALTH"  # the local body of health management


class Ground(StrEnum):
    """What a non-conformity is ground for: S1 suspends (M §15(1)), T2 terminates (M §17(2))."""

    S1 = "S1"
    T2 = "T2"


class Nonconformity(Struct, frozen=True, forbid_unknown_fields=True):
    """A defect by its code; `found_by`: the kind of member within whose powers it was found."""

    executor_id: UUID
    code: Code
    found_by: MemberKind
    text: Words
    recorded_on: date
    ground: Ground | None = None
    contract_id: UUID | None = None
    act_id: UUID | None = None


class Recommendation(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be done by when; `nonconformity` counts block 2 from 1."""

    executor_id: UUID
    text: Words
    term: TermText
    nonconformity: Annotated[int, Meta(ge=1)] | None = None


class Outcome(StrEnum):
    """How an earlier recommendation was carried out."""

    KEPT = "KEPT"
    PARTLY = "PARTLY"
    NOT_KEPT = "NOT_KEPT"


class Assessment(Struct, frozen=True, forbid_unknown_fields=True):
    """What the commission says of an earlier recommendation (M §21(3))."""

    task_id: UUID
    outcome: Outcome
    text: Words


class DraftProtocol(Struct, frozen=True, forbid_unknown_fields=True):
    """Blocks 2-4; block 1, the facts, is written by the service from the commission's decision.

    `earlier` says of each recommendation of earlier monitorings of these executors how it stands.
    """

    nonconformities: Annotated[list[Nonconformity], Meta(max_length=FINDINGS_MAX)] = []
    recommendations: Annotated[list[Recommendation], Meta(max_length=FINDINGS_MAX)] = []
    earlier: Annotated[list[Assessment], Meta(max_length=FINDINGS_MAX)] = []
    other: Long = ""


class EarlierTask(Struct, frozen=True):
    """A recommendation of an earlier protocol, as it stands when the text is written."""

    task_id: UUID
    monitoring_number: str
    executor_id: UUID
    text: str
    due_on: date
    status: str
