"""Biometric sessions: the outcome, how sure, and a hash of the provider's evidence. Never a face."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta


class Outcome(StrEnum):
    """How a session stands."""

    PENDING = "PENDING"
    MATCH = "MATCH"
    NO_MATCH = "NO_MATCH"


class SessionStarted(msgspec.Struct, frozen=True):
    """A session waits for the citizen at `provider_url`."""

    session_id: UUID
    provider_url: str


class Callback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the provider tells when a session ends. `score_milli` is 0 to 1000."""

    session_id: UUID
    outcome: Annotated[str, Meta(pattern="^(MATCH|NO_MATCH)$")]
    liveness: bool
    score_milli: Annotated[int, Meta(ge=0, le=1000)]
    evidence_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class CallbackTaken(msgspec.Struct, frozen=True):
    """The result stands; `repeated` when it stood before."""

    session_id: UUID
    repeated: bool


class Session(msgspec.Struct, frozen=True):
    """A row of visits.biometric_session."""

    person_id: UUID
    session_id: UUID
    provider: str
    started_at: datetime
    outcome: Outcome
    liveness: bool | None
    score_milli: int | None
    evidence_sha256: bytes | None
    finished_at: datetime | None
