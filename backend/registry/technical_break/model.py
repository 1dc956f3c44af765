"""Breaks, and what the registrar signs to announce, hold, put off and call off one (M §24)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

Instant = Annotated[datetime, Meta(tz=True)]
Line = Annotated[
    str, Meta(min_length=5, max_length=300, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class BreakKind(StrEnum):
    """PLANNED is told three working days before (d9); what cannot be is an EMERGENCY (domain 3.17)."""

    PLANNED = "PLANNED"
    EMERGENCY = "EMERGENCY"


class BreakState(StrEnum):
    """Where a break stands. NOT_HELD: its time went by and it did not begin."""

    ANNOUNCED = "ANNOUNCED"
    RUNNING = "RUNNING"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"
    NOT_HELD = "NOT_HELD"


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the registry rests, in each language it is read in."""

    kk: Line
    ru: Line
    en: Line


class AnnounceBreak(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="technical_break.announce",
    tag_field="operation",
):
    """A break from `starts_at` to `ends_at`. An emergency may have begun already, or be over."""

    kind: BreakKind
    starts_at: Instant
    ends_at: Instant
    reason: Reason


class BeginBreak(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="technical_break.begin",
    tag_field="operation",
):
    """The announced break begins now."""

    break_id: UUID


class PutOffEnd(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="technical_break.put_off",
    tag_field="operation",
):
    """The running break will last until `until_at`."""

    break_id: UUID
    until_at: Instant


class EndBreak(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="technical_break.end",
    tag_field="operation",
):
    """The running break is over now."""

    break_id: UUID


class CancelBreak(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="technical_break.cancel",
    tag_field="operation",
):
    """The announced break will not be held."""

    break_id: UUID


class StoredBreak(msgspec.Struct, frozen=True):
    """A break as it is kept; instants in UTC."""

    break_id: UUID
    kind: BreakKind
    starts_at: datetime
    ends_at: datetime
    reason_kk: str
    reason_ru: str
    reason_en: str
    announced_at: datetime
    until_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    cancelled_at: datetime | None


class TechnicalBreak(msgspec.Struct, frozen=True):
    """A break as anybody reads it.

    `starts_at` and `ends_at` as announced, `began_at` and `ended_at` as it was; `until_at`: the end that
    is expected now. Instants in UTC.
    """

    break_id: UUID
    kind: BreakKind
    state: BreakState
    starts_at: datetime
    ends_at: datetime
    until_at: datetime
    reason: Reason
    announced_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    cancelled_at: datetime | None
