"""Facts in the past tense: appended in the transaction that made them true, never changed.

News travels up the house as events: whoever subscribes gets a job in the same transaction, so
that an event is heard exactly when its transaction commits (no feed to poll, no commit to miss).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from backend.kernel import jobs
from backend.kernel.actor import Actor
from backend.kernel.db import Query, Tx
from backend.kernel.ids import uuid7


class Event(msgspec.Struct, frozen=True):
    """A fact. Subclasses name it in the past tense; `subject` is whom it is about."""

    subject: UUID


class Subscriptions:
    """Which jobs hear which event. Filled once by the composition root, then read only."""

    jobs_of: ClassVar[dict[str, tuple[str, ...]]] = {}

    @classmethod
    def fill(cls, table: dict[type[Event], tuple[str, ...]]) -> None:
        """Set the whole table: event type -> names of jobs. ValueError for two events of one name."""
        if len({event.__name__ for event in table}) != len(table):
            raise ValueError(
                "two wings name an event the same: neither could be told from the other"
            )
        cls.jobs_of = {event.__name__: names for event, names in table.items()}


APPEND = Query[None](
    """
    INSERT INTO kernel.event (event_id, at, kind, subject, actor, payload)
    SELECT event_id, $2, kind, subject, $5, payload
      FROM unnest($1::uuid[], $3::text[], $4::uuid[], $6::jsonb[])
        AS new (event_id, kind, subject, payload)
    """
)


async def append(tx: Tx, event: Event, *, by: Actor, at: datetime) -> UUID:
    """Record `event` and queue the jobs of its subscribers, all in the caller's transaction."""
    (event_id,) = await append_many(tx, [event], by=by, at=at)
    return event_id


async def append_many(tx: Tx, facts: Sequence[Event], *, by: Actor, at: datetime) -> list[UUID]:
    """Record `facts`, in order, and queue the jobs of their subscribers: two statements for all of them."""
    if not facts:
        return []
    ids = [uuid7() for _ in facts]
    kinds = [type(fact).__name__ for fact in facts]
    payloads = [msgspec.to_builtins(fact) for fact in facts]
    subjects = [fact.subject for fact in facts]
    await APPEND.run(tx, ids, at, kinds, subjects, by.label, payloads)
    told = [
        (name, {"event_id": str(event_id), **payload})
        for event_id, kind, payload in zip(ids, kinds, payloads, strict=True)
        for name in Subscriptions.jobs_of.get(kind, ())
    ]
    await jobs.enqueue_many(tx, told)
    return ids


def read(kind: type[Event], payload: dict[str, Any]) -> Any:
    """The event a job was queued with; the job's own keys are passed over."""
    return msgspec.convert({k: v for k, v in payload.items() if k != "event_id"}, kind)
