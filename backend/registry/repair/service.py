"""Use cases of the repair queue: nothing a source told is lost because it came too early or was wrong."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol, TypeVar
from uuid import UUID

import msgspec

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.repair import queries
from backend.registry.repair.model import (
    HEALS,
    BrokenRow,
    Dropped,
    Feed,
    Repair,
    RepairStatus,
    RepairSummary,
    Waiting,
)

_BEFORE_ALL: Final = UUID(int=0)


async def keep(
    tx: Tx,
    keyring: Keyring,
    feed: Feed,
    source: str,
    run_id: UUID,
    rows: Sequence[BrokenRow],
    *,
    at: datetime,
) -> None:
    """Let these rows wait. The same row of the same source waits once, however often it comes."""
    if not rows:
        return
    ids = [uuid7() for _ in rows]
    await queries.KEEP.run(
        tx,
        feed,
        source,
        run_id,
        ids,
        [row.place for row in rows],
        [row.code for row in rows],
        [row.path for row in rows],
        [
            None if row.iin is None else keyring.seal(row.iin.encode(), repair_id.bytes)
            for repair_id, row in zip(ids, rows, strict=True)
        ],
        [row.content for row in rows],
        [_key(keyring, source, run_id, row) for row in rows],
        at,
    )


class _Placed(Protocol):
    @property
    def place(self) -> int: ...


F = TypeVar("F", bound=_Placed)


async def try_again(
    resources: Resources,
    feed: Feed,
    judge: Callable[[Tx, list[Waiting], datetime], Awaitable[tuple[list[F], list[BrokenRow]]]],
    take: Callable[[Tx, str, list[F], datetime], Awaitable[object]],
    *,
    by: str,
    limit: int,
) -> int:
    """Try the rows of `feed` that may have become right, `limit` to a transaction; how many were taken.

    `judge` says which of the waiting can be taken (each names its place among them), `take` takes those
    of one source.
    """
    taken, after = 0, _BEFORE_ALL
    while True:
        now = resources.clock.now()
        async with resources.db.registry.transaction() as tx:
            waiting = await _to_try(tx, resources.keyring, feed, after=after, limit=limit)
            if not waiting:
                return taken
            after = waiting[-1].repair_id
            sound, broken = await judge(tx, waiting, now)
            for source in sorted({waiting[f.place].source for f in sound}):
                own = [f for f in sound if waiting[f.place].source == source]
                await take(tx, source, own, now)
            await _tried(
                tx,
                [waiting[f.place].repair_id for f in sound],
                [(waiting[b.place].repair_id, b) for b in broken],
                by=by,
                at=now,
            )
            taken += len(sound)


async def _to_try(
    tx: Tx, keyring: Keyring, feed: Feed, *, after: UUID, limit: int
) -> list[Waiting]:
    """The next rows that may have become right, locked; another's are passed over."""
    return [
        Waiting(
            row.repair_id,
            row.source,
            keyring.open(row.sealed, row.repair_id.bytes).decode(),
            row.content,
        )
        for row in await queries.TRY.all(tx, feed, after, sorted(HEALS), limit)
    ]


async def _tried(
    tx: Tx,
    taken: Sequence[UUID],
    still_broken: Sequence[tuple[UUID, BrokenRow]],
    *,
    by: str,
    at: datetime,
) -> None:
    """Those were taken after all; of the others the reason as it is now is kept."""
    await queries.CLOSE.all(tx, taken, RepairStatus.TAKEN, at, by)
    await queries.TRIED.run(
        tx,
        [repair_id for repair_id, _ in still_broken],
        [row.code for _, row in still_broken],
        [row.path for _, row in still_broken],
        at,
    )


async def drop(db: Db, clock: Clock, actor: Actor, repairs: Sequence[UUID]) -> Dropped:
    """These rows will never be right; who waits no more is passed over."""
    async with db.transaction() as tx:
        dropped = await queries.CLOSE.all(
            tx, repairs, RepairStatus.DROPPED, clock.now(), actor.label
        )
    return Dropped(len(dropped))


async def drop_run(tx: Tx, run_id: UUID, *, by: str, at: datetime) -> None:
    """The run is not to be applied: its broken rows are not to be taken later either."""
    await queries.DROP_RUN.run(tx, run_id, at, by)


async def waiting(
    db: Db,
    actor: Actor,
    *,
    feed: Feed | None,
    code: str | None,
    run_id: UUID | None,
    after: UUID | None,
    limit: int,
) -> list[Repair]:
    """Rows that wait, the oldest first: a source sees its own, the registrar all."""
    return await queries.PAGE.all(db, _own(actor), feed, code, run_id, after, limit)


async def summary(db: Db, actor: Actor) -> list[RepairSummary]:
    """How many wait for what reason: a source sees its own, the registrar all."""
    return await queries.SUMMARY.all(db, _own(actor))


def _own(actor: Actor) -> str | None:
    return None if Role.REGISTRAR in actor.roles else actor.bin or actor.label


def _key(keyring: Keyring, source: str, run_id: UUID, row: BrokenRow) -> bytes:
    """What makes a row the same; one that could not be read is itself only. Keyed: it holds an IIN."""
    told: object = (source, run_id, row.place)
    if row.iin is not None:
        told = (source, row.iin, row.content)
    encoded = msgspec.json.encode(told, order="deterministic")
    return keyring.lookup("repair", sha256(encoded).hexdigest())
