"""The status of a person as the registry keeps it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from backend.registry.entitlement.model import Basis, Reason, Status


class Standing(msgspec.Struct, frozen=True):
    """A status from `since` to `until` (None: open, or not insured), and why, in one word.

    It stands from `judged_on` to the day before `review_on`; None: until something is told of the
    person. `unpaid`: bit n is the month n + 1 before the day's, whichever of these days it is.
    """

    person_id: UUID
    status: Status
    basis: Basis | None
    reason: Reason
    since: date
    until: date | None
    category: str | None
    last_paid: str | None
    unpaid: int
    self_payer: bool
    judged_on: date
    review_on: date | None


class Turned(msgspec.Struct, frozen=True):
    """A person whose status was another before."""

    person_id: UUID
    before: Status
    status: Status
    basis: Basis | None
    until: date | None


class Recomputation(msgspec.Struct, frozen=True):
    """A judgement of everybody, or of a region: how many were judged, and whose status turned."""

    run_id: UUID
    region: str | None
    on_day: date
    done: int
    turned: int
    started_at: datetime
    finished_at: datetime | None


class Recompute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Judge everybody anew, or those of one region."""

    region: Annotated[str, msgspec.Meta(min_length=1, max_length=300)] | None = None


class Part(msgspec.Struct, frozen=True):
    """A sixteenth of the persons and how far a run has come in it."""

    part: int
    after: UUID | None


class Slice(msgspec.Struct, frozen=True):
    """The next persons of a part: up to which, and how many; None and 0: there are none."""

    until: UUID | None
    persons: int


class Lapsing(msgspec.Struct, frozen=True):
    """A status that ends after `until` unless something is paid; the person by an opaque id."""

    person_id: UUID
    basis: Basis
    until: date
