"""What facts about attachments make of a person, and what that means for the brake. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from backend.registry.attachment.model import Change, Past
from backend.registry.brake.model import Effect, Kind


def settle(facts: Iterable[Past]) -> Past | None:
    """The fact that holds now; None: the person is attached nowhere.

    The last attachment holds, unless its executor was left after it. Leaving another executor, before
    or after, means nothing: on the day of a move two MIS tell both halves in whatever order. Last is
    the greatest `since`, then `seq`, then source and ids, and an attachment stands before a leaving
    that says the same: the answer never depends on the order of `facts`. `queries.SETTLE` says the
    same in SQL; a test compares the two.
    """
    told = list(facts)
    attached = [f for f in told if f.facility_id is not None]
    if not attached:
        return None
    last = max(attached, key=lambda f: (*_moment(f), f.executor_id, f.facility_id))
    left = any(
        f.facility_id is None and f.executor_id == last.executor_id and _moment(f) > _moment(last)
        for f in told
    )
    return None if left else last


def _moment(fact: Past) -> tuple[date, int, bytes]:
    return fact.since, fact.seq, fact.source.encode()


def effects(changes: Sequence[Change]) -> list[Effect]:
    """Who would lose his attachment, and who would find himself with another executor, by region.

    To be attached for the first time harms nobody; nor does another building of the same executor.
    """
    met: Counter[tuple[Kind, str]] = Counter()
    for change in changes:
        if change.executor_before is None or change.executor_before == change.executor_id:
            continue
        kind = Kind.DETACH if change.executor_id is None else Kind.MOVE
        met[kind, change.region] += 1
    return merge(Effect(kind, region, count) for (kind, region), count in met.items())


def merge(effects: Iterable[Effect]) -> list[Effect]:
    """One effect for each kind and region."""
    met: Counter[tuple[Kind, str]] = Counter()
    for effect in effects:
        met[effect.kind, effect.region] += effect.count
    return [Effect(kind, region, count) for (kind, region), count in sorted(met.items())]
