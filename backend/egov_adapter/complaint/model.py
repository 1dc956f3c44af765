"""Complaints of citizens (M §53)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

Number = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
ComplaintText = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]


class Kind(StrEnum):
    """Against what: the issuer or its staff (K1), a clinic's service, a billed service."""

    ISSUER = "ISSUER"
    SERVICE = "SERVICE"
    BILLED = "BILLED"


class Route(StrEnum):
    """To whom (domain 3.16, M §53). K4 is the court: after the pre-trial review, and not lodged here."""

    K1 = "K1"  # the issuer's head, about the issuer, its staff, a clinic or a billed service
    K2 = "K2"  # the body that controls the quality of state services
    K3 = (
        "K3"  # pre-trial, against an act of the issuer: satisfied fully in three days, or forwarded
    )


class Body(StrEnum):
    """Who reviews what is forwarded."""

    QUALITY_BODY = "QUALITY_BODY"
    SUPERIOR_BODY = "SUPERIOR_BODY"


class Ground(StrEnum):
    """What a service complaint says, as S4 counts them (M §15(4))."""

    FREE_CHOICE = "FREE_CHOICE"
    NO_CONSENT = "NO_CONSENT"


class ComplaintStatus(StrEnum):
    """Domain 3.16."""

    REGISTERED = "REGISTERED"
    IN_REVIEW = "IN_REVIEW"
    SATISFIED = "SATISFIED"
    PARTLY = "PARTLY"
    DENIED = "DENIED"
    FORWARDED = "FORWARDED"


class Outcome(StrEnum):
    """The issuer's answer."""

    SATISFIED = "SATISFIED"
    PARTLY = "PARTLY"
    DENIED = "DENIED"


class NewComplaint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A complaint about the Fund (`ISSUER`), or about a clinic (`SERVICE`, with its id and ground)."""

    kind: Kind
    text: ComplaintText
    executor_id: UUID | None = None
    ground: Ground | None = None
    route: Route = Route.K1

    def __post_init__(self) -> None:
        if self.route is not Route.K1 and self.kind is not Kind.ISSUER:
            raise ValueError("the quality body and the pre-trial review are about the issuer")
        if self.kind is Kind.BILLED:
            raise ValueError("a billed service is disputed at its own address")


class Dispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a billed service is not mine."""

    text: ComplaintText


class AnswerComplaint(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="complaint.answer",
    tag_field="operation",
):
    """The head's signed answer. `confirmed`: of a service complaint, whether what it says is so (S4)."""

    complaint_id: UUID
    outcome: Outcome
    text: ComplaintText
    confirmed: bool | None = None


class ForwardComplaint(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="complaint.forward",
    tag_field="operation",
):
    """Forwarded with the administrative file of that hash, under the issuer's outgoing `number`."""

    complaint_id: UUID
    to: Body
    number: Number
    file_sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class RecordDecision(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="complaint.decision",
    tag_field="operation",
):
    """What the body it was forwarded to decided, by its document `number` of that day."""

    complaint_id: UUID
    outcome: Outcome
    number: Number
    decided_on: date
    text: ComplaintText


class Confirmed(msgspec.Struct, frozen=True):
    """The person said that this service was given."""

    case_id: UUID
    confirmed_at: datetime


class Registered(msgspec.Struct, frozen=True):
    """The complaint is registered; the answer is due by the end of the legal day `due_on`."""

    complaint_id: UUID
    tracking_number: str
    status: ComplaintStatus
    registered_at: datetime
    due_on: date


class Standing(msgspec.Struct, frozen=True):
    """A complaint that an earlier sending of the same command registered."""

    complaint_id: UUID
    tracking_number: str
    status: ComplaintStatus
    registered_at: datetime
    due_at: datetime


class Tracked(msgspec.Struct, frozen=True):
    """What anyone who holds the number may know: the state, and nothing of whom or what."""

    tracking_number: str
    status: ComplaintStatus
    registered_at: datetime
    due_on: date
    answered_at: datetime | None


class OwnComplaint(msgspec.Struct, frozen=True):
    """A complaint as its author sees it; `answer` once there is one."""

    complaint_id: UUID
    tracking_number: str
    kind: Kind
    route: Route
    status: ComplaintStatus
    registered_at: datetime
    due_on: date
    text: str
    answer: str | None
    answered_at: datetime | None
    decided_by: str | None
    forwarded_to: Body | None
    files: int


class DeskRow(msgspec.Struct, frozen=True):
    """A line of the issuer's list; the text is read one by one."""

    complaint_id: UUID
    tracking_number: str
    kind: Kind
    route: Route
    ground: Ground | None
    executor_id: UUID | None
    status: ComplaintStatus
    registered_at: datetime
    due_at: datetime
    answered_at: datetime | None


class DeskSummary(msgspec.Struct, frozen=True):
    """How many stand open on one route, how many of these are late, and how many end today."""

    route: Route
    open: int
    overdue: int
    due_today: int


class DeskComplaint(msgspec.Struct, frozen=True):
    """A complaint as the issuer's desk reads it. Who complains is not needed to answer."""

    complaint_id: UUID
    tracking_number: str
    kind: Kind
    route: Route
    ground: Ground | None
    executor_id: UUID | None
    act_id: UUID | None
    case_id: UUID | None
    status: ComplaintStatus
    registered_at: datetime
    due_at: datetime
    text: str
    answer: str | None
    answered_at: datetime | None
    confirmed: bool | None
    decided_by: str | None
    forwarded_at: datetime | None
    forwarded_to: Body | None
    forward_number: str | None
    files: list[UUID]


class ComplaintRow(msgspec.Struct, frozen=True):
    """A row of egov.complaint, as read for its author, the desk or tracking; `files` in their order."""

    person_id: UUID
    complaint_id: UUID
    tracking_number: str
    kind: Kind
    route: Route
    ground: Ground | None
    executor_id: UUID | None
    act_id: UUID | None
    case_id: UUID | None
    text_sealed: bytes
    status: ComplaintStatus
    registered_at: datetime
    due_at: datetime
    answer_sealed: bytes | None
    answered_at: datetime | None
    confirmed: bool | None
    decided_by: str | None
    forwarded_at: datetime | None
    forwarded_to: Body | None
    forward_number: str | None
    files: tuple[UUID, ...]


class AddedFile(msgspec.Struct, frozen=True):
    """A picture as it is kept: written anew, so only what is seen on it."""

    file_id: UUID
    no: int
    bytes: int
    sha256: str


class FileRow(msgspec.Struct, frozen=True):
    """A stored picture."""

    file_id: UUID
    no: int
    sha256: bytes
    size: int
    sealed: bytes


class Step(msgspec.Struct, frozen=True):
    """One way to complain, in words: to whom, how, by when one is answered."""

    route: str
    title: str
    how: str
    working_days: int | None


class Procedure(msgspec.Struct, frozen=True):
    """How to complain, also by phone (M §53; R166-R170)."""

    routes: list[Step]
    phones: list[str]
    by_phone: str


class DueStatus(msgspec.Struct, frozen=True):
    """A status the eGov cabinet has not been told of."""

    person_id: UUID
    complaint_id: UUID
    no: int
    status_id: UUID
    status: ComplaintStatus
    at: datetime
    due_at: datetime
    evidence_id: UUID | None
    tries: int
    tracking_number: str
    registered_at: datetime
    text_sealed: bytes
