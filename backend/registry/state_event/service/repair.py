"""The repair queue: events without an account are looked at again every night, odd ones by the registrar."""

from datetime import time
from typing import Final

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date, to_legal
from backend.kernel.db import Db, Executor
from backend.kernel.resources import Resources
from backend.registry.state_event import queries, rules
from backend.registry.state_event.errors import StateEventDecided, StateEventNotFound
from backend.registry.state_event.events import StateEventResolved
from backend.registry.state_event.model import (
    EventView,
    FeedView,
    Outcome,
    Resolve,
    Source,
    Verdict,
)
from backend.registry.state_event.service.poll import subjects

NIGHT_FROM: Final = time(1, 0)  # of the legal day
CHUNK: Final = 1_000  # events in one transaction
_QUEUE: Final = {Outcome.WAITING, Outcome.UNCLEAR}


async def review(resources: Resources, source: Source, *, chunk: int = CHUNK) -> int:
    """Look once a night, chunk by chunk, whether those who were unknown have an account by now."""
    now = resources.clock.now()
    today = legal_date(now)
    feed = await queries.FEED.get(resources.db.registry, source)
    if feed.reviewed_on == today or to_legal(now).time() < NIGHT_FROM:
        return 0
    async with resources.db.registry.transaction() as tx:
        locked = await queries.LOCK_FEED.one(tx, source)
        if locked is None or locked.reviewed_on == today:
            return 0
        waiting = await queries.WAITING.all(tx, source, locked.review_after, chunk)
        numbers = {
            e.event_id: resources.keyring.open(e.sealed, e.event_id.bytes).decode() for e in waiting
        }
        people, organisations = await subjects(tx, resources, source, list(numbers.values()))
        known = {i: n for i, n in numbers.items() if n in people or n in organisations}
        await queries.FOUND.run(
            tx,
            source,
            list(known),
            [people.get(n) for n in known.values()],
            [organisations.get(n) for n in known.values()],
        )
        done = len(waiting) < chunk
        after = 0 if done else waiting[-1].place
        await queries.REVIEWED.run(tx, source, after, today if done else locked.reviewed_on)
    return len(waiting)


async def resolve(resources: Resources, actor: Actor, command: Resolve) -> EventView:
    """Try an event again, or put it aside for ever. Raises StateEventNotFound, StateEventDecided."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        found = await queries.FOR_RESOLUTION.one(tx, command.source, command.event_id)
        if found is None:
            raise StateEventNotFound(path="event_id")
        event = await queries.VIEW.get(tx, command.source, command.event_id)
        retried = command.verdict is Verdict.RETRY
        if found not in _QUEUE or (retried and event.kind not in rules.FACTS[command.source]):
            raise StateEventDecided(path="event_id", outcome=found)
        outcome = Outcome.PENDING if retried else Outcome.DISCARDED
        await queries.SETTLE.run(tx, command.source, [command.event_id], [outcome], now)
        told = StateEventResolved(
            command.event_id, command.source.value, command.verdict.value, command.reason
        )
        await events.append(tx, told, by=actor, at=now)
        return await queries.VIEW.get(tx, command.source, command.event_id)


async def page(
    db: Db, source: Source, outcome: Outcome, *, after: int, limit: int
) -> list[EventView]:
    """Events of one outcome in the order they came, those behind the place `after`."""
    return await queries.PAGE.all(db, source, outcome, after, limit)


async def feeds(where: Executor) -> list[FeedView]:
    """How fresh each source is, and what waits."""
    return await queries.FEEDS.all(where)
