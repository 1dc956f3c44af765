"""The medical staff of executors (M §13: acts name the workers): told as facts, in any order."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.feed.model import ROWS_MAX, Seq

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class StaffEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A worker of an executor since that day; not `active`: he left.

    The last `since` holds, of one day the last `seq` of the source; who is told to have left has left.
    Without `since` it holds from the instant it is told, and then the order of telling does matter.
    """

    executor_bin: str
    iin: str
    speciality: Text
    active: bool = True
    since: date | None = None
    seq: Seq = 0


class StaffBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Staff of a MIS."""

    batch_id: UUID
    staff: Annotated[tuple[StaffEntry, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact without the person."""

    executor_bin: str
    speciality: str
    active: bool
    since: date
    seq: int


class Row(msgspec.Struct, frozen=True):
    """A row on its way, in its place."""

    place: int
    iin: str
    content: Content


class Fact(msgspec.Struct, frozen=True):
    """A row that can be taken: the worker by executor and keyed hash of the IIN."""

    place: int
    executor_id: UUID
    iin_hash: bytes
    content: Content


class Identified(msgspec.Struct, frozen=True):
    """A worker's id, and by what he was found."""

    worker_id: UUID
    executor_id: UUID
    iin_hash: bytes


class Taken(msgspec.Struct, frozen=True):
    """So many facts were new, and so many workers are not as they were."""

    recorded: int
    changed: int


class Worker(msgspec.Struct, frozen=True):
    """A worker: found by executor and keyed hash of the IIN."""

    worker_id: UUID
    executor_id: UUID
    iin_hash: bytes
    speciality: str
    active: bool
