"""Words of the insured on their lines."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.payments.act.model import ActStatus, Mark


class MarkLine(msgspec.Struct, frozen=True):
    """The person's word on a line of his; `complaint_id` goes with a dispute and with nothing else."""

    person_id: UUID
    case_id: UUID
    mark: Mark
    complaint_id: UUID | None = None

    def __post_init__(self) -> None:
        if (self.mark is Mark.DISPUTED) != (self.complaint_id is not None):
            raise ValueError("a dispute has its complaint, a confirmation none")


class LineMark(msgspec.Struct, frozen=True):
    """One word in the history of a line; `marked_by` names no person (`Actor.label`)."""

    seq: int
    mark: Mark
    complaint_id: UUID | None
    marked_by: str
    marked_at: datetime


class OwnLine(msgspec.Struct, frozen=True):
    """A person's line: its act's state and the last word on it."""

    act_id: UUID
    executor_id: UUID
    status: ActStatus
    mark: Mark | None
    complaint_id: UUID | None
