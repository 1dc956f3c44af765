"""When a run is too much, and who may decide about it. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from backend.kernel.actor import ISSUER_SIGNERS, Role
from backend.registry.brake.errors import HoldDecided, HoldDiffers, HoldNotYours
from backend.registry.brake.model import (
    Effect,
    Held,
    HoldStatus,
    Kind,
    Run,
    Waiting,
    Weighed,
    Weight,
)

# M §33, §34: blocking and closing are the registrar's alone. Attachments and contributions are the issuer's business too.
OF_BOTH: Final = frozenset({Kind.DETACH, Kind.MOVE, Kind.TAKE_BACK})
DECIDERS: Final = ISSUER_SIGNERS | {Role.REGISTRAR}


def needs_count(weight: Weight) -> bool:
    """Whether the share must be asked at all: so many would pass in the smallest region."""
    return weight.passed + weight.count > weight.minimum


def weigh(weights: Sequence[Weight], totals: Mapping[tuple[Kind, str], int]) -> tuple[Weighed, ...]:
    """Judge every weight: over is more than the minimum and strictly more than the share.

    `totals` holds what `needs_count` asked for. What passed in the window counts with the run, so
    that a flood in small batches is stopped as well. FAULTS 22.
    """
    judged = []
    for weight in weights:
        total = totals[weight.kind, weight.region] if needs_count(weight) else None
        over = total is not None and (
            (weight.passed + weight.count) * 1000 > weight.share_milli * total
        )
        judged.append(Weighed(weight, total, over))
    return tuple(judged)


def digest(run: Run, effects: Sequence[Effect]) -> str:
    """SHA-256 (hex) of a held run: what it is, what it would do, and its content's own digest."""
    told = {
        "feed": run.feed,
        "source": run.source,
        "run_id": run.run_id,
        "content_sha256": run.digest.hex(),
        "effects": sorted((e.kind.value, e.region, e.count) for e in effects),
    }
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()


def require_decidable(waiting: Waiting, seen: Held, roles: frozenset[Role]) -> None:
    """The hold waits, is what was signed, and is the actor's to decide.

    Raises HoldNotYours, HoldDiffers, HoldDecided.
    """
    if Role.REGISTRAR not in roles and not OF_BOTH.issuperset(waiting.kinds):
        raise HoldNotYours
    if seen.sha256 != waiting.sha256:
        raise HoldDiffers
    if waiting.status is not HoldStatus.HELD:
        raise HoldDecided(status=waiting.status.value)
