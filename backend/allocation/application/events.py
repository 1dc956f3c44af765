"""What happened to applications."""

from uuid import UUID

from backend.kernel.events import Event


class ApplicationSubmitted(Event, frozen=True):
    """An application took its place in the queue; `subject` is the application."""

    announcement_id: UUID
    seq_no: int


class ApplicationWithdrawn(Event, frozen=True):
    """Its executor took the application back."""


class ApplicationReviewed(Event, frozen=True):
    """The issuer accepted or rejected the application."""

    outcome: str
    ground: str | None
