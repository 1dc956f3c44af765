"""What the insured said of lines; `subject` is the act."""

from uuid import UUID

from backend.kernel.events import Event


class LineConfirmed(Event, frozen=True):
    """The insured says that a service billed in his name was given."""

    executor_id: UUID
    case_id: UUID


class LineDisputed(Event, frozen=True):
    """The insured says that a service billed in his name was not given, by a complaint."""

    executor_id: UUID
    case_id: UUID
    complaint_id: UUID
