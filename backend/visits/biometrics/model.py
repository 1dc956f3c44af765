"""Biometric sessions: the outcome, how sure, and a hash of the provider's evidence. Never a face."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class Outcome(StrEnum):
    """How a session stands."""

    PENDING = "PENDING"
    MATCH = "MATCH"
    NO_MATCH = "NO_MATCH"


class SessionStarted(msgspec.Struct, frozen=True):
    """A session waits for the citizen at `provider_url`."""

    session_id: UUID
    provider_url: str


class SessionState(msgspec.Struct, frozen=True):
    """How an own session stands: PENDING until the provider has called back."""

    session_id: UUID
    provider: str
    started_at: datetime
    outcome: Outcome
    liveness: bool | None
    finished_at: datetime | None


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
