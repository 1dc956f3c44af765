"""Every night: what depends on attachments is looked over, in bounded chunks, from where it stopped."""

from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from backend.kernel import events, jobs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.clock import legal_date, to_legal
from backend.kernel.db import Db
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_record
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.account.events import AccountsOpened
from backend.registry.attachment import facts
from backend.registry.attachment import service as attachments
from backend.registry.attachment.model import Told
from backend.registry.brake import service as brake
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.person.service import AUTOMATIC
from backend.registry.reattachment import queries
from backend.registry.reattachment.events import ReattachmentNeeded
from backend.registry.reattachment.model import Night, Reattachment, ReattachmentSummary
from backend.registry.upload import service as uploads
from backend.registry.worker import service as workers

JOB: Final = "registry.look_over"
LIST: Final = "ListReattachments"
BEGINS: Final = time(2)  # +05:00: the load is least, the day's files are in
CHUNK: Final = 10_000  # persons in one transaction


async def start(resources: Resources) -> None:
    """Begin the night of this legal day, once; asked about every second, so it asks little."""
    now = resources.clock.now()
    day, db = legal_date(now), resources.db.registry
    if to_legal(now).time() < BEGINS or await queries.BEGUN.get(db, day):
        return
    async with db.transaction() as tx:
        if await queries.BEGIN.run(tx, day, now):
            await jobs.enqueue(tx, JOB, {"day": day.isoformat()}, dedupe_key=f"night:{day}")


async def run(resources: Resources, day: date, *, chunk: int = CHUNK) -> None:
    """Look everybody over; safe to run twice at once, and to be killed and begun again.

    Accounts with both signals open (D11); live policies that do not stand with the attachment
    follow it; who is attached where he cannot be served is listed, never detached; rows that wait
    for repair are tried again; files a worker gave up are taken up.
    """
    while await _chunk(resources, day, chunk):
        pass
    repaired = await attachments.retry(resources) + await workers.retry(resources)
    await uploads.resume(resources)
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        night = await queries.PROGRESS.get(tx, day)
        if night.finished_at is not None:
            return
        await brake.forget(tx, at=now)
        for found in await queries.FOUND.all(tx, night.started_at):
            needed = ReattachmentNeeded(found.executor_id, found.reason.value, found.persons)
            await events.append(tx, needed, by=SYSTEM, at=now)
        await queries.FINISH.run(tx, day, now, repaired)


async def _chunk(resources: Resources, day: date, chunk: int) -> bool:
    """One chunk of persons in one transaction; whether there may be more."""
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        night = await queries.PROGRESS.one(tx, day)
        if night is None or night.finished_at is not None:
            return False
        persons = await queries.NEXT_PERSONS.all(tx, night.after, chunk)
        if not persons:
            return False
        after, until, run_id = night.after, persons[-1], uuid7()
        opened = await queries.OPEN_DUE.all(tx, after, until, now)
        if opened:
            await log.append(tx, [_opened(person_id, run_id, now) for person_id in opened])
            await events.append(tx, AccountsOpened(run_id, len(opened)), by=SYSTEM, at=now)
        drifted = await queries.DRIFTED.all(tx, after, until, legal_date(now))
        told = Told("registry", run_id, AUTOMATIC)
        moved = await facts.follow(tx, told, drifted, at=now)
        resolved = await queries.RESOLVE.run(tx, after, until, now, day)
        listed = await queries.LIST.run(tx, after, until, now, day)
        await queries.ADVANCE.run(
            tx, day, until, len(persons), len(opened), moved, listed, resolved
        )
    return len(persons) == chunk


def _opened(person_id: UUID, run_id: UUID, at: datetime) -> NewOperation:
    return NewOperation(
        subject_id=person_id,
        op_class=OpClass.ACCOUNT,
        op_type="OPEN",
        at=at,
        actor=AUTOMATIC,
        basis_kind=BasisKind.EVENT,
        basis_id=str(run_id),
        content={"before": {"status": "NONE"}, "after": {"status": "OPEN"}},
    )


async def summary(db: Db) -> list[ReattachmentSummary]:
    """Executors whose people have to be attached anew, those with most first."""
    return await queries.SUMMARY.all(db)


async def listed(
    resources: Resources,
    actor: Actor,
    *,
    executor_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[Reattachment]:
    """A page, and one more if there is, of people who have to be attached anew, by opaque id.

    That those of the page were looked at is noted.
    """
    access = Access(actor, LIST, Basis.ATTACHMENT, (Field.ATTACHMENT,), executor_id)
    async with resources.db.registry.transaction() as tx:
        rows = await queries.PAGE.all(tx, executor_id, after, limit + 1)
        shown = {row.person_id for row in rows[:limit]}
        await access_record.record(tx, access, shown, at=resources.clock.now())
    return rows


async def nights(db: Db, *, limit: int) -> list[Night]:
    """The last nights, the newest first."""
    return await queries.NIGHTS.all(db, limit)
