"""How much is asked at once, how long a silent source is left alone, what is too many. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.payments.detection.model import Finding, Round, RoundStatus, Weight
from backend.payments.suspension.model import Cause, Ground

# One question a second at the most, of so many executors.
PORTION_MAX: Final = 200
# An answer that has not come by then is asked for again: its worker died.
LEASE: Final = timedelta(minutes=2)
# How often the journal of permits is read on, and pages in a row.
POLL_EVERY: Final = timedelta(minutes=1)
PAGES: Final = 20
_PAUSE_FIRST: Final = timedelta(minutes=1)
_PAUSE_MAX: Final = timedelta(hours=1)
# What counts against one limit.
WINDOW: Final = timedelta(days=1)


def pause(failures: int) -> timedelta:
    """How long a source is left alone after so many failures in a row: 1, 2, 4, … minutes, at most an hour."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(_PAUSE_FIRST * doubled, _PAUSE_MAX)


def too_many(weight: Weight) -> bool:
    """Whether the round has to ask: above the number that always passes and above the share (FAULTS 22).

    Exactly the share passes. A round that found nothing new has nothing to ask.
    """
    together = weight.passed + weight.contracts
    over_share = together * 1000 > weight.share_milli * weight.total_contracts
    return weight.contracts > 0 and together > weight.minimum and over_share


def digest(round_id: UUID, findings: Sequence[Finding]) -> str:
    """SHA-256 (hex) over the round and all it found: the officer signs for exactly this."""
    told = [[str(f.executor_id), f.contracts, f.facts] for f in findings]
    return hashlib.sha256(msgspec.json.encode([str(round_id), told], order="sorted")).hexdigest()


def causes(ground: Ground, findings: Sequence[Finding]) -> list[Cause]:
    """What was found, as causes to suspend; the line that says it was kept beside the facts."""
    return [Cause(f.executor_id, ground, str(f.facts["basis"]), _seen(f)) for f in findings]


def _seen(finding: Finding) -> dict[str, Any]:
    return {name: value for name, value in finding.facts.items() if name != "basis"}


def may_decide(found: Round) -> bool:
    """Whether the round waits for a decision."""
    return found.status is RoundStatus.HELD
