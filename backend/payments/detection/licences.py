"""The journal of permits: what becomes of executors' licences reaches the issuer the minute it is recorded.

The issuer reads it and stops payment on T1 by the decision he received (M §17(1)): a journal cannot tell a
decision of a state body from a licence its holder gave back.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Executor
from backend.kernel.resources import Resources
from backend.payments.detection import queries, rules
from backend.payments.detection.events import LicenceRecorded
from backend.payments.detection.model import LicenceEvent
from backend.sources.exchange import SourceUnavailable
from backend.sources.journal import Page, Record
from backend.sources.permits import service as permits


async def poll(resources: Resources) -> int:
    """Read on where the journal was left, when it is time; how many events were new."""
    if not resources.config.permits_url:
        return 0
    db, now, new = resources.db.payments, resources.clock.now(), 0
    for _ in range(rules.PAGES):
        feed = await queries.FEED.get(db)
        if feed.next_at > now:
            break
        try:
            page = await permits.events(resources.http, resources.config, feed.cursor)
        except SourceUnavailable:
            await queries.FEED_FAILED.run(db, now + rules.pause(feed.failures + 1))
            break
        new += await _take(resources, feed.cursor, page, now)
    return new


async def _take(resources: Resources, after: str | None, page: Page, now: datetime) -> int:
    """Keep a page and move the cursor, both or neither; another worker may have been faster."""
    async with resources.db.payments.transaction() as tx:
        feed = await queries.LOCK_FEED.get(tx)
        if feed.cursor != after:
            return 0
        recorded = await queries.RECORD.all(tx, now, *_columns(page.events))
        told = [LicenceRecorded(r.event_id, r.executor_id, r.kind, r.happened_on) for r in recorded]
        await events.append_many(tx, told, by=SYSTEM, at=now)
        await queries.ADVANCE.run(tx, page.next, now if page.more else now + rules.POLL_EVERY)
    return len(recorded)


def _columns(records: Sequence[Record]) -> tuple[list[object], ...]:
    return (
        [r.event_id for r in records],
        [r.number for r in records],
        [r.kind for r in records],
        [r.happened_on for r in records],
        [r.registered_at for r in records],
        [msgspec.to_builtins(r.document) for r in records],
        [r.annuls for r in records],
    )


async def page(
    where: Executor, executor_id: UUID | None, before: UUID | None, limit: int
) -> list[LicenceEvent]:
    """What was recorded, the newest first; of one executor, or of all."""
    return await queries.LICENCE_EVENTS.all(where, executor_id, before, limit)
