"""Use cases of attachments: facts are recorded for ever, the state follows from all of them."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.attachment import facts, queries
from backend.registry.attachment.model import (
    Attachment,
    AttachmentBatch,
    Content,
    Fact,
    HeldFacts,
    Past,
    Row,
    Told,
)
from backend.registry.brake import service as brake
from backend.registry.brake.model import Verdict
from backend.registry.feed import service as feed
from backend.registry.feed.model import ROWS_MAX, FeedAnswer, RefusedRow
from backend.registry.person.service import AUTOMATIC
from backend.registry.repair import service as repairs
from backend.registry.repair.model import BrokenRow, Feed, Waiting


async def attach(resources: Resources, actor: Actor, batch: AttachmentBatch) -> FeedAnswer:
    """Take a batch of a MIS: attachments and live policies follow what holds now (M §29(3), §38).

    A batch that would detach or move too many at once is held whole (FAULTS 22). Refused rows wait in
    the repair queue: those of whom nobody knows yet are tried again by themselves. Raises
    BatchChanged.
    """
    told = Told(actor.bin or actor.label, batch.batch_id, actor.label)

    async def take(tx: Tx) -> FeedAnswer:
        now = resources.clock.now()
        rows = facts.rows_of(enumerate(batch.attachments))
        sound, broken = await facts.judge(tx, resources.keyring, rows, legal_date(now))
        await repairs.keep(
            tx, resources.keyring, Feed.ATTACHMENTS, told.source, told.run_id, broken, at=now
        )
        taken = await facts.take(tx, resources.keyring, actor, told, sound, at=now)
        return FeedAnswer(
            accepted=taken.recorded,
            repeated=taken.repeated,
            refused=tuple(
                RefusedRow(b.place, b.code, f"$.attachments[{b.place}].{b.path}") for b in broken
            ),
            changed=taken.changed,
            held=taken.held,
            hold_id=taken.hold_id,
        )

    return await feed.once(resources, actor, facts.FEED, batch.batch_id, batch, take)


async def apply_held(resources: Resources, hold_id: UUID, verdict: Verdict) -> None:
    """Apply a batch an officer released, once; of a discarded one no row is taken later either."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        if verdict is Verdict.DISCARD:
            hold = await brake.find(tx, hold_id)
            await repairs.drop_run(tx, hold.run_id, by=hold.decided_by or AUTOMATIC, at=now)
            return
        taken = await brake.take(tx, hold_id, at=now)
        if taken is None:
            return
        kept = msgspec.json.decode(brake.content(resources.keyring, taken), type=HeldFacts)
        changes = await facts.lock_and_settle(tx, kept.told, kept.facts)
        await facts.apply(tx, kept.told, kept.facts, changes, at=now)


async def retry(resources: Resources, *, limit: int = ROWS_MAX) -> int:
    """Try again the rows that wait for a person, executor, facility or day; how many were taken.

    They count as told by their source. The brake may hold them like any others.
    """

    async def judge(
        tx: Tx, waiting: list[Waiting], now: datetime
    ) -> tuple[list[Fact], list[BrokenRow]]:
        rows = [
            Row(place, w.iin, msgspec.convert(w.content, Content))
            for place, w in enumerate(waiting)
        ]
        return await facts.judge(tx, resources.keyring, rows, legal_date(now))

    async def take(tx: Tx, source: str, sound: list[Fact], now: datetime) -> None:
        told = Told(source, uuid7(), AUTOMATIC)
        await facts.take(tx, resources.keyring, SYSTEM, told, sound, at=now)

    return await repairs.try_again(
        resources, Feed.ATTACHMENTS, judge, take, by=AUTOMATIC, limit=limit
    )


async def of_person(where: Executor, person_id: UUID) -> Attachment | None:
    """The person's attachment now."""
    return await queries.OF_PERSON.one(where, person_id)


async def history(where: Executor, person_id: UUID) -> list[Past]:
    """Everything that was told of the person, in the order in which it counts."""
    return await queries.HISTORY.all(where, person_id)
