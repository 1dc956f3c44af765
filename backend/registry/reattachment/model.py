"""What the registry looks over every night, and who has to be attached anew."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Reason(StrEnum):
    """Why a person can no longer be served where he is attached."""

    EXECUTOR_BLOCKED = "EXECUTOR_BLOCKED"
    EXECUTOR_CLOSED = "EXECUTOR_CLOSED"
    FACILITY_CLOSED = "FACILITY_CLOSED"


class Reattachment(msgspec.Struct, frozen=True):
    """A person, by opaque id, who is still attached where he cannot be served."""

    person_id: UUID
    executor_id: UUID
    facility_id: UUID
    reason: Reason
    found_at: datetime


class ReattachmentSummary(msgspec.Struct, frozen=True):
    """So many people of an executor have to be attached anew, the first of them found then."""

    executor_id: UUID
    executor_name: str
    reason: Reason
    persons: int
    oldest_at: datetime


class Found(msgspec.Struct, frozen=True):
    """So many people of an executor were listed at that instant."""

    executor_id: UUID
    reason: Reason
    persons: int


class Night(msgspec.Struct, frozen=True):
    """One legal day's looking over: what it found and put right.

    `opened` accounts (D11), `moved` policies that did not stand with the attachment, people `listed`
    and no longer (`resolved`), `repaired` rows of the repair queue.
    """

    day: date
    persons: int
    opened: int
    moved: int
    listed: int
    resolved: int
    repaired: int
    started_at: datetime
    finished_at: datetime | None


class Progress(msgspec.Struct, frozen=True):
    """How far a night is, under lock."""

    day: date
    after: UUID
    started_at: datetime
    finished_at: datetime | None
