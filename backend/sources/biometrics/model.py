"""What every provider is told and tells, whatever its protocol. No face, no template, no personal number."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec


class Start(msgspec.Struct, frozen=True):
    """What a provider is told: `subject` is opaque hex, the same person always the same."""

    session_id: UUID
    callback_url: str
    subject: str
    started_at: datetime


class Started(msgspec.Struct, frozen=True):
    """Where the citizen goes on."""

    provider_url: str


class Result(msgspec.Struct, frozen=True):
    """How a session ended. `score_milli` is 0 to 1000; the evidence stays with the provider."""

    session_id: UUID
    outcome: Literal["MATCH", "NO_MATCH"]
    liveness: bool
    score_milli: int
    evidence_sha256: bytes
