"""Facts about breaks; the subject is the break."""

from datetime import datetime

from backend.kernel.events import Event
from backend.registry.technical_break.model import BreakKind


class BreakAnnounced(Event, frozen=True):
    """A break was posted for everybody to read."""

    kind: BreakKind
    starts_at: datetime
    ends_at: datetime


class BreakBegun(Event, frozen=True):
    """The registry rests."""

    until_at: datetime


class BreakPutOff(Event, frozen=True):
    """The registry rests longer than was said."""

    until_at: datetime


class BreakEnded(Event, frozen=True):
    """The registry works again."""


class BreakCancelled(Event, frozen=True):
    """An announced break will not be held."""
