"""What happened to rounds; `subject` is the round."""

from backend.kernel.events import Event


class RoundConcluded(Event, frozen=True):
    """Every executor was asked about, or the day is over; what was found is applied."""

    ground: str
    asked: int
    unknown: int
    found: int
    contracts: int


class RoundHeld(Event, frozen=True):
    """Too many contracts would freeze at once: nothing is applied, and an officer is asked."""

    ground: str
    found: int
    contracts: int


class RoundReleased(Event, frozen=True):
    """An officer approved what a held round found: it is applied."""

    ground: str
    contracts: int


class RoundDiscarded(Event, frozen=True):
    """An officer discarded what a held round found."""

    ground: str


class SourceSilent(Event, frozen=True):
    """The source of a ground stopped answering: nothing is decided until it does."""

    ground: str


class DetectionLimitChanged(Event, frozen=True):
    """The issuer changed the brake; the subject is the proof of the signature."""

    share_milli: int
    minimum: int
