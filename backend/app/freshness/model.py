"""Sources of the registry and when they answered."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Rhythm(StrEnum):
    """How often a source is to deliver (domain 7.1)."""

    HOURLY = "HOURLY"  # a journal, read every minute
    DAILY = "DAILY"  # by the end of the next working day
    ON_DEMAND = "ON_DEMAND"  # asked when something depends on it


class Standing(StrEnum):
    """What of a source is in the house."""

    CONNECTED = "CONNECTED"
    PARTLY = "PARTLY"
    ABSENT = "ABSENT"


class State(StrEnum):
    """How a source fares now. NEVER: it has a rhythm, and nothing has come yet."""

    FRESH = "FRESH"
    LATE = "LATE"
    NEVER = "NEVER"
    ON_DEMAND = "ON_DEMAND"
    NOT_CONFIGURED = "NOT_CONFIGURED"
    ABSENT = "ABSENT"


class Source(msgspec.Struct, frozen=True):
    """A source of M §23 by its number there; 0: the State Corporation of its preamble.

    `channels`: where its answers are recorded, the one the rhythm is held to first. `setting`: the
    configuration without which it is not asked. `missing`: what the house has not.
    """

    number: int
    code: str
    standing: Standing
    rhythm: Rhythm | None
    channels: tuple[str, ...] = ()
    setting: str | None = None
    places: tuple[str, ...] = ()
    missing: str = ""


class Answer(msgspec.Struct, frozen=True):
    """When a channel last had an answer from its source; None: never. Instants in UTC."""

    channel: str
    answered_at: datetime | None


class SourceView(msgspec.Struct, frozen=True):
    """A source as officers see it; `late_by_s` counts from the end of its rhythm."""

    number: int
    code: str
    name: str
    gives: str
    standing: Standing
    rhythm: Rhythm | None
    state: State
    answered_at: datetime | None
    late_by_s: int | None
    channels: list[Answer]
