"""Facts and the jobs that hear them live and die with one transaction."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.kernel import events, jobs
from backend.kernel.actor import SYSTEM
from backend.kernel.db import Db, Query
from backend.kernel.ids import uuid7

AT = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)


class LightTurnedOn(events.Event, frozen=True):
    room: str
    watts: int


class NobodyListens(events.Event, frozen=True):
    pass


class Stored(msgspec.Struct, frozen=True):
    event_id: UUID
    at: datetime
    kind: str
    subject: UUID
    actor: str
    payload: dict[str, Any]


ALL = Query[Stored](
    "SELECT event_id, at, kind, subject, actor, payload FROM kernel.event ORDER BY event_id"
)
QUEUED = Query[tuple[str, ...]](
    "SELECT array_agg(entrypoint ORDER BY entrypoint) FROM jobs.pgqueuer"
)


@pytest.fixture(autouse=True)
def subscribed() -> Iterator[None]:
    before = events.Subscriptions.jobs_of
    events.Subscriptions.fill({LightTurnedOn: ("meter.count", "bill.write")})
    yield
    events.Subscriptions.jobs_of = before


async def test_an_event_is_kept_and_each_subscriber_gets_its_job(db_signing: Db) -> None:
    told = LightTurnedOn(subject=uuid7(), room="ас үй", watts=60)
    async with db_signing.transaction() as tx:
        event_id = await events.append(tx, told, by=SYSTEM, at=AT)
    (kept,) = await ALL.all(db_signing)
    assert kept.event_id == event_id
    assert (kept.kind, kept.subject, kept.at) == ("LightTurnedOn", told.subject, AT)
    assert kept.actor.startswith("system:")
    assert await QUEUED.get(db_signing) == ("bill.write", "meter.count")
    assert events.read(LightTurnedOn, kept.payload | {"event_id": str(event_id)}) == told


async def test_rolled_back_together(db_signing: Db) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db_signing.transaction() as tx:
            await events.append(tx, LightTurnedOn(uuid7(), room="x", watts=1), by=SYSTEM, at=AT)
            await jobs.enqueue(tx, "other", {})
            raise ZeroDivisionError
    assert await ALL.all(db_signing) == []
    assert await jobs.waiting(db_signing) == 0


async def test_an_event_nobody_hears_is_kept_all_the_same(db_signing: Db) -> None:
    async with db_signing.transaction() as tx:
        await events.append(tx, NobodyListens(uuid7()), by=SYSTEM, at=AT)
    assert len(await ALL.all(db_signing)) == 1
    assert await jobs.waiting(db_signing) == 0


def test_two_events_of_one_name_are_refused() -> None:
    other = type("LightTurnedOn", (events.Event,), {})
    with pytest.raises(ValueError, match="an event the same"):
        events.Subscriptions.fill({LightTurnedOn: ("a",), other: ("b",)})
