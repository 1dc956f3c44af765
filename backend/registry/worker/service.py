"""Use cases of staff: facts are recorded for ever, who works where follows from all of them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx
from backend.kernel.ids import NumberKind, check_number, uuid7
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.feed import service as feed
from backend.registry.feed.errors import Row as Code
from backend.registry.feed.model import ROWS_MAX, FeedAnswer, RefusedRow
from backend.registry.person.service import AUTOMATIC
from backend.registry.repair import service as repairs
from backend.registry.repair.model import BrokenRow, Feed, Waiting
from backend.registry.worker import queries
from backend.registry.worker.model import Content, Fact, Row, StaffBatch, StaffEntry, Taken, Worker


async def employ(resources: Resources, actor: Actor, batch: StaffBatch) -> FeedAnswer:
    """Take the staff of executors from a MIS; what holds never depends on what came first (M §13).

    Refused rows wait in the repair queue: those of executors nobody knows yet are tried again by
    themselves. Raises BatchChanged.
    """
    source = actor.bin or actor.label

    async def take(tx: Tx) -> FeedAnswer:
        now = resources.clock.now()
        today = legal_date(now)
        rows = [Row(place, e.iin, _content(e, now)) for place, e in enumerate(batch.staff)]
        facts, broken = await _judge(tx, resources.keyring, rows, today)
        await repairs.keep(
            tx, resources.keyring, Feed.STAFF, source, batch.batch_id, broken, at=now
        )
        taken = await _take(tx, source, batch.batch_id, facts, at=now)
        refused = tuple(RefusedRow(b.place, b.code, f"$.staff[{b.place}].{b.path}") for b in broken)
        repeated = len(facts) - taken.recorded
        return FeedAnswer(taken.recorded, repeated, refused, changed=taken.changed)

    return await feed.once(resources, actor, "staff", batch.batch_id, batch, take)


async def retry(resources: Resources, *, limit: int = ROWS_MAX) -> int:
    """Try again the rows that wait for an executor or a day; how many were taken."""

    async def judge(
        tx: Tx, waiting: list[Waiting], now: datetime
    ) -> tuple[list[Fact], list[BrokenRow]]:
        rows = [
            Row(place, w.iin, msgspec.convert(w.content, Content))
            for place, w in enumerate(waiting)
        ]
        return await _judge(tx, resources.keyring, rows, legal_date(now))

    async def take(tx: Tx, source: str, facts: list[Fact], now: datetime) -> None:
        await _take(tx, source, uuid7(), facts, at=now)

    return await repairs.try_again(resources, Feed.STAFF, judge, take, by=AUTOMATIC, limit=limit)


async def workers(
    where: Executor, keyring: Keyring, executor_id: UUID, iins: Iterable[str]
) -> dict[str, Worker]:
    """The workers of that executor by IIN, those who left included; strangers are left out."""
    hashes = {keyring.lookup("iin", iin): iin for iin in iins}
    found = await queries.OF_EXECUTOR.all(where, executor_id, list(hashes))
    return {hashes[worker.iin_hash]: worker for worker in found}


def _content(entry: StaffEntry, now: datetime) -> Content:
    """What is told; of which no day is said holds from this instant on."""
    since, seq = entry.since, entry.seq
    if since is None:
        since, seq = legal_date(now), entry.seq or int(now.timestamp() * 1_000_000)
    return Content(entry.executor_bin, entry.speciality, entry.active, since, seq)


async def _judge(
    where: Executor, keyring: Keyring, rows: Sequence[Row], today: date
) -> tuple[list[Fact], list[BrokenRow]]:
    """What can be taken, and what is wrong with the rest; paths are fields of the row."""
    executors = await feed.executors(where, {row.content.executor_bin for row in rows})
    facts: list[Fact] = []
    broken: list[BrokenRow] = []
    for row in rows:
        check = check_number(row.iin)
        executor_id = executors.get(row.content.executor_bin)
        if not check.valid or check.kind is not NumberKind.IIN:
            fault = (Code.IIN_INVALID, "iin")
        elif executor_id is None:
            fault = (Code.EXECUTOR_NOT_FOUND, "executor_bin")
        elif row.content.since > today:
            fault = (Code.DATE_IN_FUTURE, "since")
        else:
            iin_hash = keyring.lookup("iin", row.iin)
            facts.append(Fact(row.place, executor_id, iin_hash, row.content))
            continue
        broken.append(BrokenRow(row.place, *fault, row.iin, row.content))
    return facts, broken


async def _take(tx: Tx, source: str, run_id: UUID, facts: Sequence[Fact], *, at: datetime) -> Taken:
    """Record the facts and let the workers follow; those named stay locked to the end."""
    named = {(f.executor_id, f.iin_hash): f.content for f in facts}
    executors, hashes = [e for e, _ in named], [h for _, h in named]
    new = await queries.ADD.all(
        tx,
        [uuid7() for _ in named],
        executors,
        hashes,
        [content.speciality for content in named.values()],
        [content.active for content in named.values()],
        at,
    )
    ids = {
        (w.executor_id, w.iin_hash): w.worker_id
        for w in await queries.LOCK.all(tx, executors, hashes)
    }
    recorded = await queries.RECORD.run(
        tx,
        [ids[f.executor_id, f.iin_hash] for f in facts],
        [f.content.since for f in facts],
        [f.content.seq for f in facts],
        [f.content.speciality for f in facts],
        [f.content.active for f in facts],
        source,
        run_id,
        at,
    )
    settled = await queries.SETTLE.all(tx, list(ids.values()), at)
    return Taken(recorded, len({*new, *settled}))
