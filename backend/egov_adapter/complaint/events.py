"""What happened to complaints; never what they say."""

from uuid import UUID

from backend.kernel.events import Event


class ComplaintRegistered(Event, frozen=True):
    """A complaint (`subject`) was registered."""

    kind: str
    executor_id: UUID | None
    act_id: UUID | None
    case_id: UUID | None


class ComplaintAnswered(Event, frozen=True):
    """The issuer's head answered a complaint (`subject`)."""

    kind: str
    ground: str | None
    executor_id: UUID | None
    outcome: str
