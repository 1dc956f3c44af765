"""Rows of feeds that could not be taken: some become right by themselves, some must be told anew."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

from backend.registry.feed.errors import Row


class Feed(StrEnum):
    """The feeds whose rows are kept for repair."""

    ATTACHMENTS = "attachments"
    STAFF = "staff"


# Whom nobody knows yet may be entered tomorrow, and a day comes: these are tried again by themselves.
HEALS = frozenset(
    {Row.INSURED_NOT_FOUND, Row.EXECUTOR_NOT_FOUND, Row.FACILITY_NOT_FOUND, Row.DATE_IN_FUTURE}
)


class RepairStatus(StrEnum):
    """A row waits, is taken after all, or was dropped by an officer."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    DROPPED = "DROPPED"


class BrokenRow(msgspec.Struct, frozen=True):
    """A row that was not taken; without a person and content where it could not even be read."""

    place: int
    code: Row
    path: str
    iin: str | None = None
    content: msgspec.Struct | None = None


class Repair(msgspec.Struct, frozen=True):
    """A row in the queue as its source and the officers see it: the person is found by `place`."""

    repair_id: UUID
    feed: Feed
    source: str
    run_id: UUID
    place: int
    code: str
    path: str
    content: dict[str, Any] | None
    status: RepairStatus
    received_at: datetime
    tried_at: datetime
    closed_at: datetime | None


class SealedRow(msgspec.Struct, frozen=True):
    """A row as it lies in the queue."""

    repair_id: UUID
    source: str
    sealed: bytes
    content: dict[str, Any]


class Waiting(msgspec.Struct, frozen=True):
    """A row to be tried again."""

    repair_id: UUID
    source: str
    iin: str
    content: dict[str, Any]


class RepairSummary(msgspec.Struct, frozen=True):
    """So many rows of a feed and source wait for one reason, the oldest since then."""

    feed: Feed
    source: str
    code: str
    waiting: int
    oldest_at: datetime


class Drop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows that will never be right."""

    repairs: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=1_000)]


class Dropped(msgspec.Struct, frozen=True):
    """So many were waiting and wait no more."""

    dropped: int
