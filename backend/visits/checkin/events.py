"""What happened at a clinic's door."""

from uuid import UUID

from backend.kernel.events import Event


class VisitRegistered(Event, frozen=True):
    """A visit (`subject`) was registered; whose it is stands in the visit alone."""

    facility_id: UUID
    grade: str


class RegistrySearched(Event, frozen=True):
    """A clinic (`subject`) asked for more unknown people in a day than a desk mistypes (FAULTS 14)."""
