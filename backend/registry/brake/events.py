"""Facts about the brake; the subject is the hold."""

from backend.kernel.events import Event


class RunHeld(Event, frozen=True):
    """A run of a feed would have met too many at once: it stopped and asks an officer."""

    feed: str
    kinds: tuple[str, ...]
    count: int


class HoldReleased(Event, frozen=True):
    """An officer released a held run: it is applied now."""

    feed: str


class HoldDiscarded(Event, frozen=True):
    """An officer discarded a held run: it is never applied."""

    feed: str


class BrakeLimitChanged(Event, frozen=True):
    """The registrar changed a limit; the subject is the proof of his signature."""

    kind: str
    region: str
