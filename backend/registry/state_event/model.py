"""What the state databases tell of persons and legal entities, each event once (M §23, §33, §34)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from backend.registry.account.model import BasisDocument, Line


class Source(StrEnum):
    """The databases: GBD FL of natural persons, GBD UL of legal entities."""

    GBD_FL = "gbd_fl"
    GBD_UL = "gbd_ul"


class Outcome(StrEnum):
    """What became of an event.

    PENDING: to be weighed by the brake; READY: to be applied; HELD: the brake asks an officer. BLOCKED:
    it blocked an account; NOTED: it changes nothing; ANNULLED: the database took it back before it
    was applied; DISCARDED: an officer put it aside. To be repaired: WAITING has no account here yet
    and is looked at again every night, UNCLEAR needs an officer.
    """

    PENDING = "PENDING"
    READY = "READY"
    HELD = "HELD"
    BLOCKED = "BLOCKED"
    NOTED = "NOTED"
    WAITING = "WAITING"
    UNCLEAR = "UNCLEAR"
    ANNULLED = "ANNULLED"
    DISCARDED = "DISCARDED"


class Feed(msgspec.Struct, frozen=True):
    """How far a journal is read."""

    source: Source
    cursor: str | None
    drained: bool
    next_at: datetime
    failures: int
    reviewed_on: date | None
    review_after: int


class FeedView(msgspec.Struct, frozen=True):
    """How fresh a source is, and what of it is still to be done (M §24)."""

    source: Source
    answered_at: datetime | None
    next_at: datetime
    failures: int
    pending: int
    held: int
    waiting: int
    unclear: int


class NewEvent(msgspec.Struct, frozen=True):
    """An event as it came, judged by itself alone."""

    event_id: UUID
    number: str
    kind: str
    happened_on: date
    registered_at: datetime
    document: BasisDocument
    annuls: UUID | None
    outcome: Outcome


class ReadyEvent(msgspec.Struct, frozen=True):
    """An event to be applied."""

    source: Source
    event_id: UUID
    kind: str
    document: BasisDocument
    person_id: UUID | None
    organisation_id: UUID | None
    run_id: UUID


class WaitingEvent(msgspec.Struct, frozen=True):
    """An event whose subject may have an account by now."""

    event_id: UUID
    place: int
    sealed: bytes


class Annulled(msgspec.Struct, frozen=True):
    """An event that was applied, and the later one that says it never held."""

    event_id: UUID
    annulled_by: UUID
    person_id: UUID | None
    organisation_id: UUID | None


class Subject(msgspec.Struct, frozen=True):
    """An organisation by its number."""

    number: str
    organisation_id: UUID


class EventView(msgspec.Struct, frozen=True):
    """An event as the registrar sees it, without whose number it names."""

    source: Source
    event_id: UUID
    place: int
    kind: str
    happened_on: date
    registered_at: datetime
    received_at: datetime
    document: BasisDocument
    annuls: UUID | None
    account_id: UUID | None
    outcome: Outcome
    run_id: UUID | None
    decided_at: datetime | None


class Verdict(StrEnum):
    """What the registrar decides about an event in the repair queue."""

    RETRY = "RETRY"
    DISCARD = "DISCARD"


class Resolve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Try an event of the repair queue again, or put it aside for ever; `reason` is kept."""

    source: Source
    event_id: UUID
    verdict: Verdict
    reason: Line
