"""What happened to codes."""

from uuid import UUID

from backend.kernel.events import Event


class FacilityCodeRevoked(Event, frozen=True):
    """A facility (`subject`) has no live code: withdrawn by its clinic, or closed."""

    organisation_id: UUID
    code_id: UUID
    closed: bool


class QrKeyRotated(Event, frozen=True):
    """New codes are signed by another key; `subject` names the change alone."""

    key_number: int


class FacilityCodeIssued(Event, frozen=True):
    """A facility (`subject`) has a new live code."""

    organisation_id: UUID
    code_id: UUID
