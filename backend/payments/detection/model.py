"""Rounds of questions about every executor with a contract, and the brake on what they find (FAULTS 22)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from backend.payments.suspension.model import Ground, Sha256Hex, Text

RoundGround = Literal[Ground.S1, Ground.S2]


class RoundStatus(StrEnum):
    """ASKING -> APPLIED, or HELD when too many contracts would freeze -> RELEASED, DISCARDED, SUPERSEDED."""

    ASKING = "ASKING"
    APPLIED = "APPLIED"
    HELD = "HELD"
    RELEASED = "RELEASED"
    DISCARDED = "DISCARDED"
    SUPERSEDED = "SUPERSEDED"


class Round(msgspec.Struct, frozen=True):
    """A day's round: of `asked` executors `unknown` got no answer and `found` gave cause.

    `contracts` would freeze (a dry run until it is applied), after `passed` within the day before, of
    `total_contracts` under which something is payable; more than `minimum` and than `share_milli` thousandths of all wait for a
    second approval, which names `sha256`.
    """

    round_id: UUID
    ground: Ground
    day: date
    status: RoundStatus
    started_at: datetime
    asked: int
    answered: int
    concluded_at: datetime | None
    unknown: int | None
    found: int | None
    contracts: int | None
    passed: int | None
    total_contracts: int | None
    share_milli: int | None
    minimum: int | None
    sha256: str | None
    decided_at: datetime | None
    reason: str | None


class Finding(msgspec.Struct, frozen=True):
    """An executor that gave cause: what was seen, and how many contracts in force freeze with it."""

    executor_id: UUID
    contracts: int
    facts: dict[str, Any]


class RoundWithFindings(msgspec.Struct, frozen=True):
    """A round and what it found (at most 1,000 executors are shown)."""

    round: Round
    findings: list[Finding]


class Source(msgspec.Struct, frozen=True):
    """How the source of a ground fares: `silent_since` while it does not answer."""

    ground: Ground
    connected: bool
    failures: int
    ask_after: datetime
    silent_since: datetime | None


class Limit(msgspec.Struct, frozen=True):
    """No more than `minimum` contracts, nor than `share_milli` thousandths of all, freeze unasked in a day."""

    share_milli: int
    minimum: int


# The job the citizens' side queues when a complaint is confirmed: it stands above and subscribes us.
COUNT_COMPLAINT = "payments.count_complaint"


class ConfirmedComplaint(msgspec.Struct, frozen=True):
    """A service complaint (`subject`) found right by the issuer's head: S4 counts it in that year (D9)."""

    subject: UUID
    executor_id: UUID
    ground: str
    financial_year: int


class Verdict(StrEnum):
    """What an officer decides about a held round."""

    RELEASE = "RELEASE"
    DISCARD = "DISCARD"


class DecideRound(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="suspension.decide_round",
    tag_field="operation",
):
    """Apply what a held round found, exactly as it was shown, or leave it."""

    round_id: UUID
    sha256: Sha256Hex
    verdict: Verdict
    reason: Text


class SetLimit(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="suspension.limit",
    tag_field="operation",
):
    """How many contracts may freeze in a day before a person is asked."""

    share_milli: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    minimum: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
    reason: Text


class LicenceEvent(msgspec.Struct, frozen=True):
    """What the journal of permits records of an executor's licence, with the document it rests on.

    `received_on`: the legal day the record reached the issuer; `annulled`: it never held; `stopped`: payment
    is stopped on T1 by a document of that number.
    """

    event_id: UUID
    executor_id: UUID
    kind: str
    happened_on: date
    registered_at: datetime
    document: dict[str, Any]
    received_at: datetime
    received_on: date
    annulled: bool
    stopped: bool


# --- rows of the database -----------------------------------------------------------------------


class Open(msgspec.Struct, frozen=True):
    """A round that is being asked, under lock."""

    round_id: UUID
    ground: Ground
    day: date


class Weight(msgspec.Struct, frozen=True):
    """What a round found against the limit, in contracts."""

    asked: int
    unknown: int
    found: int
    contracts: int
    passed: int
    total_contracts: int
    share_milli: int
    minimum: int


class Confirmed(msgspec.Struct, frozen=True):
    """How many complaints of a kind were confirmed."""

    ground: str
    count: int


class Feed(msgspec.Struct, frozen=True):
    """Where the journal of permits was left, and when it is read on."""

    cursor: str | None
    next_at: datetime
    failures: int


class Recorded(msgspec.Struct, frozen=True):
    """An event of the journal that is new, of an executor we know."""

    event_id: UUID
    executor_id: UUID
    kind: str
    happened_on: date
