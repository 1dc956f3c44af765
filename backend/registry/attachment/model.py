"""To which executor and facility a person is attached (M §38): told as facts, worked out of all of them."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.feed.model import ROWS_MAX, Seq


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact without the person: attached to that facility, or `detached` from that executor."""

    executor_bin: str
    since: date
    facility_id: UUID | None = None
    seq: Seq = 0
    detached: bool = False


class AttachmentEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person is attached to a facility of an executor since that day, or detached from the executor.

    The last `since` holds; of one day the last `seq`, which the source counts up for every fact it
    tells of a person. So rows may come late, twice and in any order. Without `seq` a source cannot
    correct itself on the same day.
    """

    iin: str
    executor_bin: str
    since: date
    facility_id: UUID | None = None
    seq: Seq = 0
    detached: bool = False


class AttachmentBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Attachments of a MIS."""

    batch_id: UUID
    attachments: Annotated[
        tuple[AttachmentEntry, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)
    ]


class Row(msgspec.Struct, frozen=True):
    """A row on its way, in its place."""

    place: int
    iin: str
    content: Content


class Fact(msgspec.Struct, frozen=True):
    """A row that could be taken: `place` in its batch or file; `facility_id` None: detached."""

    place: int
    person_id: UUID
    since: date
    seq: int
    executor_id: UUID
    facility_id: UUID | None


class Told(msgspec.Struct, frozen=True):
    """Who told facts, in which run; `actor` as the operation log names him."""

    source: str
    run_id: UUID
    actor: str


class HeldFacts(msgspec.Struct, frozen=True):
    """What the brake keeps of a batch: nothing that names a person but his opaque id."""

    told: Told
    facts: tuple[Fact, ...]


class Change(msgspec.Struct, frozen=True):
    """What facts make of one person's attachment; before all None: there was none, after: none now."""

    person_id: UUID
    region: str
    executor_before: UUID | None
    facility_before: UUID | None
    since_before: date | None
    executor_id: UUID | None
    facility_id: UUID | None
    since: date | None


class Taken(msgspec.Struct, frozen=True):
    """What came of facts: new ones, known ones, and persons whose attachment is another now.

    With `hold_id` nothing was applied: the new ones, `held`, wait for an officer.
    """

    recorded: int = 0
    repeated: int = 0
    changed: int = 0
    held: int = 0
    hold_id: UUID | None = None


class Moved(msgspec.Struct, frozen=True):
    """A live policy that follows its holder to another executor (None: to none)."""

    person_id: UUID
    policy_id: UUID
    executor_before: UUID | None
    executor_id: UUID | None


class Attachment(msgspec.Struct, frozen=True):
    """The attachment now."""

    person_id: UUID
    executor_id: UUID
    facility_id: UUID
    since: date


class Past(msgspec.Struct, frozen=True):
    """One fact of a person's history, in the order in which facts count."""

    since: date
    seq: int
    source: str
    executor_id: UUID
    facility_id: UUID | None
