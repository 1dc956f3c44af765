"""What is known of a capacity, and what may be counted. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from backend.allocation.capacity.model import (
    Applicant,
    Freshness,
    Measured,
    Partner,
    Reading,
    ReadingOutcome,
)

# [ENG] The sources name no age. Resources are reported by quarter; what is older than one is not known.
FRESH_FOR = timedelta(days=92)


def measured(readings: Sequence[Reading]) -> Measured | None:
    """What all systems together say: the smaller, as old as the older.

    Both beds and devices are needed, so where both speak the smaller holds. A system that keeps no
    record leaves the word to the other. Where one was silent nothing follows (D28): None.
    """
    if any(r.outcome is ReadingOutcome.UNAVAILABLE for r in readings):
        return None
    known = [
        (r.capacity, r.as_of) for r in readings if r.capacity is not None and r.as_of is not None
    ]
    if not known:
        return Measured(None, None)
    return Measured(min(c for c, _ in known), min(at for _, at in known))


def freshness(capacity: int | None, as_of: datetime | None, at: datetime) -> Freshness:
    """Whether a capacity may be used at an instant: too old is not known."""
    if capacity is None or as_of is None:
        return Freshness.UNKNOWN
    return Freshness.FRESH if at - as_of <= FRESH_FOR else Freshness.STALE


def added_by_partners(
    applicants: Iterable[Applicant], partners: Iterable[Partner]
) -> dict[UUID, int]:
    """What co-executors add to the capacity of each application of one line (D23).

    Each organisation's capacity is counted once on a line: with its own application where it applies
    itself, else with the earliest application that names it. It adds no more than the part it is to
    carry, and nothing to an applicant whose own capacity is not known.
    """
    by_application = {a.application_id: a for a in applicants}
    counted = {a.executor_id for a in by_application.values()}
    added: dict[UUID, int] = defaultdict(int)
    in_order = sorted(
        (p for p in partners if p.application_id in by_application),
        key=lambda p: (by_application[p.application_id].seq_no, p.co_executor_no),
    )
    for partner in in_order:
        if partner.executor_id in counted:
            continue
        counted.add(partner.executor_id)
        if by_application[partner.application_id].capacity is not None:
            added[partner.application_id] += min(partner.capacity, partner.requested)
    return dict(added)
