"""What happened to plans."""

from uuid import UUID

from backend.kernel.events import Event


class PlanPublished(Event, frozen=True):
    """A plan came into force together with its announcement; `subject` is the plan."""

    announcement_id: UUID
    year: int


class WindowClosed(Event, frozen=True):
    """The acceptance window of an announcement ended; `subject` is the announcement."""
