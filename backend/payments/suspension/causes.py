"""Ask the sources whether executors give cause to suspend (S1: permits, S2: the tax body).

Never inside a transaction. A source that does not answer decides nothing: neither that there is a
cause, nor that there is none (D28).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from backend.kernel.clock import legal_date
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from backend.payments.suspension import queries, rules
from backend.payments.suspension.model import Asked, Cause, Ground, Suspension, Visited
from backend.sources.exchange import SourceUnavailable
from backend.sources.permits import service as permits
from backend.sources.tax import debts

# Visits further back are left to monitoring.
LOOK_BACK = timedelta(days=92)


class Answer(msgspec.Struct, frozen=True):
    """What a source's record of an executor says; `cause` None: nothing is wrong."""

    executor_id: UUID
    as_of: datetime
    cause: Cause | None


def connected(config: Config, ground: Ground) -> bool:
    """Whether there is a source to ask about that ground."""
    return bool({Ground.S1: config.permits_url, Ground.S2: config.tax_url}.get(ground))


async def ask(resources: Resources, ground: Ground, executors: Sequence[UUID]) -> list[Answer]:
    """What the source of that ground says of each executor. Raises SourceUnavailable."""
    now, db = resources.clock.now(), resources.db.payments
    asked = await queries.ASKED.all(db, list(executors), ground, legal_date(now - LOOK_BACK))
    if ground is Ground.S1:
        return await _licences(resources, asked, now)
    assert ground is Ground.S2, "S3 and S4 ask no source"
    numbers = [one.number for one in asked]
    payers = await debts.ask(resources.http, resources.config, numbers, now=now)
    return [
        Answer(
            one.executor_id,
            payers[one.number].as_of,
            rules.owes(one.executor_id, payers[one.number], one.since),
        )
        for one in asked
    ]


async def still_there(resources: Resources, suspension: Suspension, document_date: date) -> bool:
    """Whether the source's record contradicts a document that says the cause was removed.

    A source that is silent, and S3 and S4 that have none, contradict nothing: the document stands, and
    the next round looks again (domain 7.1: manual evidence and a later re-check).
    """
    db, now = resources.db.payments, resources.clock.now()
    if not connected(resources.config, suspension.ground):
        return False
    number = await queries.NUMBER.get(db, suspension.executor_id)
    source = (resources.http, resources.config, [number])
    try:
        if suspension.ground is Ground.S2:
            payer = (await debts.ask(*source, now=now))[number]
            return rules.still_owes(payer, document_date)
        places = [UUID(p["facility_id"]) for p in suspension.facts.get("places", ())]
        addresses = await queries.ADDRESSES.all(db, places, legal_date(now))
        holder = (await permits.ask(*source, now=now))[number]
        return rules.still_unlicensed(holder, addresses, document_date)
    except SourceUnavailable:
        return False


async def _licences(resources: Resources, asked: Sequence[Asked], now: datetime) -> list[Answer]:
    visited: dict[UUID, list[Visited]] = defaultdict(list)
    for place in await queries.VISITED.all(
        resources.db.payments,
        [one.executor_id for one in asked],
        [one.since for one in asked],
        legal_date(now),
    ):
        visited[place.executor_id].append(place)
    numbers = [one.number for one in asked]
    holders = await permits.ask(resources.http, resources.config, numbers, now=now)
    return [
        Answer(
            one.executor_id,
            holders[one.number].as_of,
            rules.places_unlicensed(one.executor_id, holders[one.number], visited[one.executor_id]),
        )
        for one in asked
    ]
