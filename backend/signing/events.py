"""Facts of the signing wing."""

from backend.kernel.events import Event


class SessionFamilyEnded(Event, frozen=True):
    """A renewal came a second time: every session that followed one sign-in (`subject`) was closed."""
