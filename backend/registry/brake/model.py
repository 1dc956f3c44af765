"""The brake: what a run of a feed would do to how many, and the run that stopped and asks (FAULTS 22)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec

# Of a brake's limit: every region that has no row of its own.
ANYWHERE = "*"
# Of an effect: persons of no known region, and organisations, which belong to none.
NOWHERE = ""

WINDOW_MAX_S = int(timedelta(days=366).total_seconds())

Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]
Region = Annotated[str, msgspec.Meta(max_length=300, pattern=r"^[^\x00-\x1f]*\Z")]


class Kind(StrEnum):
    """What can be done to many at once by a feed alone."""

    DETACH = "DETACH"  # persons lose their attachment
    MOVE = "MOVE"  # persons are attached elsewhere than before
    BLOCK = "BLOCK"  # insured's accounts (M §33)
    CLOSE = "CLOSE"  # insured's accounts (M §34)
    BLOCK_EXECUTOR = "BLOCK_EXECUTOR"
    CLOSE_EXECUTOR = "CLOSE_EXECUTOR"
    TAKE_BACK = "TAKE_BACK"  # insured whose contributions are refunded or reversed


class Effect(msgspec.Struct, frozen=True):
    """So many persons (executors) of a region would be met."""

    kind: Kind
    region: str
    count: int


class Limit(msgspec.Struct, frozen=True):
    """Within `window_s` seconds no more than `share_milli` thousandths of a region, nor than `minimum`.

    Up to `minimum` always pass, so that small regions are not stuck; above it the share decides.
    """

    kind: Kind
    region: str
    window_s: int
    share_milli: int
    minimum: int


class Weight(msgspec.Struct, frozen=True):
    """An effect against one limit: `passed` went through within the window, `count` would now."""

    kind: Kind
    region: str
    count: int
    passed: int
    window_s: int
    share_milli: int
    minimum: int


class Weighed(msgspec.Struct, frozen=True):
    """A weight and how many it could have met: `total` is None where nobody had to count."""

    weight: Weight
    total: int | None
    over: bool


class Base(msgspec.Struct, frozen=True):
    """How many persons (executors) of a region an effect can meet, as last counted."""

    region: str
    total: int


class Run(msgspec.Struct, frozen=True):
    """A feed's run before it is applied: `job` is queued when it was decided, with the hold's id.

    `content` is what to apply, kept sealed with the hold; None: the feed keeps it itself under
    `run_id`. `digest` is the SHA-256 of what would be applied: the officer signs for it.
    """

    feed: str
    source: str
    run_id: UUID
    job: str
    digest: bytes
    content: bytes | None = None


class HoldStatus(StrEnum):
    """A held run waits, and is then either released, and applied once, or discarded."""

    HELD = "HELD"
    RELEASED = "RELEASED"
    APPLIED = "APPLIED"
    DISCARDED = "DISCARDED"


class Hold(msgspec.Struct, frozen=True):
    """A run that stopped. `sha256` (hex) stands over all that would be done: the decision names it."""

    hold_id: UUID
    feed: str
    source: str
    run_id: UUID
    status: HoldStatus
    effects: tuple[Weighed, ...]
    sha256: str
    held_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str | None
    applied_at: datetime | None


class Waiting(msgspec.Struct, frozen=True):
    """A hold to be decided, under lock."""

    hold_id: UUID
    feed: str
    status: HoldStatus
    kinds: tuple[Kind, ...]
    sha256: str
    job: str


class Taken(msgspec.Struct, frozen=True):
    """A decided run as its feed gets it back; `sealed` as kept."""

    hold_id: UUID
    run_id: UUID
    actor: str
    sealed: bytes | None


class Verdict(StrEnum):
    """What an officer decides."""

    RELEASE = "RELEASE"
    DISCARD = "DISCARD"


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A hold as the officer saw it."""

    hold_id: UUID
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Decide(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="brake.decide",
    tag_field="operation",
):
    """Release or discard these runs, and why."""

    holds: Annotated[tuple[Held, ...], msgspec.Meta(min_length=1, max_length=200)]
    verdict: Verdict
    reason: Line


class SetLimit(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="brake.limit",
    tag_field="operation",
):
    """Set a limit; `region` "*" is every region without one of its own.

    `share_milli` None takes the row away: a region falls back on "*", which itself must stay.
    """

    kind: Kind
    region: Region
    window_s: Annotated[int, msgspec.Meta(ge=60, le=WINDOW_MAX_S)]
    share_milli: Annotated[int, msgspec.Meta(ge=0, le=1000)] | None
    minimum: Annotated[int, msgspec.Meta(ge=0, le=10**9)]
    reason: Line


class Decided(msgspec.Struct, frozen=True):
    """The runs just decided."""

    holds: tuple[UUID, ...]
    verdict: Verdict
