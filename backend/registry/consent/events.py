"""What insured people said; whose word it is stands in `subject`, an opaque id.

Who must know at once asks `consent.service.closed` (or joins registry.consent_state): it is true in the
same instant. Who must clean up after (sessions, linked chats, codes already shown) subscribes to these.
"""

from datetime import datetime

from backend.kernel.events import Event


class ConsentGiven(Event, frozen=True):
    """A person (`subject`) consented to `purpose` (a `consent.model.Purpose`), until `expires_at`."""

    purpose: str
    expires_at: datetime


class ConsentWithdrawn(Event, frozen=True):
    """A person (`subject`) withdrew the consent to `purpose`: that channel is closed (D43)."""

    purpose: str
