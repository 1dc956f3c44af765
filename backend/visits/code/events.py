"""What happened to codes."""

from uuid import UUID

from backend.kernel.events import Event


class FacilityCodeIssued(Event, frozen=True):
    """A facility (`subject`) has a new live code."""

    organisation_id: UUID
    code_id: UUID
