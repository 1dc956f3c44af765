"""Complaints of citizens (M §53)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

ComplaintText = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]


class Kind(StrEnum):
    """Against what: the issuer or its staff (K1), a clinic's service, a billed service."""

    ISSUER = "ISSUER"
    SERVICE = "SERVICE"
    BILLED = "BILLED"


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

    def __post_init__(self) -> None:
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


class Registered(msgspec.Struct, frozen=True):
    """The complaint is registered; the answer is due by the end of the legal day `due_on`."""

    complaint_id: UUID
    tracking_number: str
    status: ComplaintStatus
    registered_at: datetime
    due_on: date


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
    status: ComplaintStatus
    registered_at: datetime
    due_on: date
    text: str
    answer: str | None
    answered_at: datetime | None


class DeskRow(msgspec.Struct, frozen=True):
    """A line of the issuer's list; the text is read one by one."""

    complaint_id: UUID
    tracking_number: str
    kind: Kind
    ground: Ground | None
    executor_id: UUID | None
    status: ComplaintStatus
    registered_at: datetime
    due_at: datetime
    answered_at: datetime | None


class DeskComplaint(msgspec.Struct, frozen=True):
    """A complaint as the issuer's desk reads it. Who complains is not needed to answer."""

    complaint_id: UUID
    tracking_number: str
    kind: Kind
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


class ComplaintRow(msgspec.Struct, frozen=True):
    """A row of egov.complaint, as read for its author, the desk or tracking."""

    person_id: UUID
    complaint_id: UUID
    tracking_number: str
    kind: Kind
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
