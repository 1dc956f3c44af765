"""What happened to rounds, and to licences; `subject` is the round, or the record of the licence."""

from datetime import date
from uuid import UUID

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


class LicenceRecorded(Event, frozen=True):
    """The journal of permits recorded something of an executor's licence (T1 is the issuer's to see)."""

    executor_id: UUID
    kind: str
    happened_on: date
