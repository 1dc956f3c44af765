"""A batch is taken once: the same again is answered, another under its id is refused."""

from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from uuid import UUID

import msgspec

from backend.kernel.actor import Actor
from backend.kernel.db import Executor, Tx
from backend.kernel.resources import Resources
from backend.registry.feed import queries
from backend.registry.feed.errors import BatchChanged
from backend.registry.feed.model import FeedAnswer

Take = Callable[[Tx], Awaitable[FeedAnswer]]


async def once(
    resources: Resources,
    actor: Actor,
    feed: str,
    batch_id: UUID,
    content: msgspec.Struct,
    take: Take,
) -> FeedAnswer:
    """Run `take` in one transaction unless this batch was taken; then all its rows are repeated.

    Batches are told apart by source, feed and `batch_id`. Raises BatchChanged when `content` is not
    what was sent before.
    """
    source = actor.bin or actor.label
    encoded = msgspec.json.encode(content, order="deterministic")
    # keyed: the bare hash of a batch of one row would give its numbers away
    fingerprint = resources.keyring.lookup("batch", sha256(encoded).hexdigest())
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        if not await queries.CLAIM.run(tx, source, feed, batch_id, fingerprint, now):
            stored = await queries.FIND.get(tx, source, feed, batch_id)
            if stored.fingerprint != fingerprint:
                raise BatchChanged(path="batch_id")
            before = msgspec.convert(stored.answer, FeedAnswer)
            repeated = before.accepted + before.repeated
            return msgspec.structs.replace(before, accepted=0, repeated=repeated, changed=0)
        answer = await take(tx)
        await queries.KEEP.run(tx, source, feed, batch_id, answer)
    return answer


async def executors(where: Executor, bins: Iterable[str]) -> dict[str, UUID]:
    """The executors of those numbers, blocked and closed ones as well."""
    return {e.bin: e.organisation_id for e in await queries.EXECUTORS.all(where, list(bins))}
