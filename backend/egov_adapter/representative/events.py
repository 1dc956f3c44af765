"""Who came to act for whom; opaque ids only."""

from uuid import UUID

from backend.kernel.events import Event


class RepresentationConfirmed(Event, frozen=True):
    """A person (`subject`) is represented from now on."""

    representation_id: UUID


class RepresentationEnded(Event, frozen=True):
    """A representation of a person (`subject`) is over; its sessions are closed."""

    representation_id: UUID
