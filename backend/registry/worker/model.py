"""The medical staff of executors (M §13: acts name the workers)."""

from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.feed.model import ROWS_MAX

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class StaffEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A worker of an executor; not `active`: he left."""

    executor_bin: str
    iin: str
    speciality: Text
    active: bool = True


class StaffBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Staff of a MIS."""

    batch_id: UUID
    staff: Annotated[tuple[StaffEntry, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]


class Worker(msgspec.Struct, frozen=True):
    """A worker: found by executor and keyed hash of the IIN."""

    worker_id: UUID
    executor_id: UUID
    iin_hash: bytes
    speciality: str
    active: bool
