"""Writing the operation log, and publishing how long it is."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor, Tx
from backend.registry.log import queries, verify
from backend.registry.log.merkle import MerkleRoot
from backend.registry.log.model import GENESIS, LogRoot, NewOperation, Operation

PUBLISH_EVERY = timedelta(hours=1)


async def append(tx: Tx, operations: Sequence[NewOperation]) -> None:
    """Log `operations` in the caller's transaction, those of one subject in the order given.

    The chain's hash is computed by the database. One statement for as many subjects as there
    are; the subjects stay locked to the end of the transaction. Source: domain 3.18.
    """
    if not operations:
        return
    subjects = list({o.subject_id for o in operations})
    await lock(tx, subjects)
    for rank in _ranks(operations):
        logged = await queries.LENGTHEN.run(
            tx,
            [o.subject_id for o in rank],
            [o.op_class for o in rank],
            [o.op_type for o in rank],
            [o.at for o in rank],
            [o.actor for o in rank],
            [o.basis_kind for o in rank],
            [o.basis_id for o in rank],
            [encode(o.content) for o in rank],
        )
        assert logged == len(rank), "an operation was lost"


async def lock(tx: Tx, subjects: Sequence[UUID]) -> None:
    """Let nobody else lengthen these chains until the caller's transaction ends.

    Whoever changes what two operations of one person depend on takes this lock first. A chain that has
    not begun is begun, empty: else there would be nothing to lock.
    """
    await queries.OPEN_HEADS.run(tx, subjects, GENESIS)
    await queries.LOCK.all(tx, subjects)


def encode(content: dict[str, object]) -> str:
    """The JSON text of an operation's content: the same content always gives the same text."""
    return msgspec.json.encode(content, order="deterministic").decode()


def _ranks(operations: Sequence[NewOperation]) -> list[list[NewOperation]]:
    """The first operation of every subject, then the second of those that have one, and so on."""
    ranks: list[list[NewOperation]] = []
    seen: dict[UUID, int] = defaultdict(int)
    for operation in operations:
        place = seen[operation.subject_id]
        seen[operation.subject_id] += 1
        if place == len(ranks):
            ranks.append([])
        ranks[place].append(operation)
    return ranks


async def of_subject(
    where: Executor, subject_id: UUID, *, after: int = 0, limit: int = 100
) -> list[Operation]:
    """The operations of one person or organisation in order, `after` a place in its chain."""
    return await queries.OF_SUBJECT.all(where, subject_id, after, limit)


async def published_root(where: Executor) -> LogRoot:
    """What was published last of the whole log."""
    found = await queries.LAST_ROOT.one(where)
    if found is None:
        return LogRoot(operations=0, root=MerkleRoot().digest().hex(), published_at=None)
    return LogRoot(
        operations=found.operations, root=found.root.hex(), published_at=found.published_at
    )


async def publish_root(db: Db, clock: Clock) -> bool:
    """Publish the root when an hour has passed and the log has grown; whether it was published.

    A broken log is not published: the root of yesterday stands against it.
    """
    now = clock.now()
    last = await queries.LAST_ROOT.one(db)
    if last is not None and now - last.published_at < PUBLISH_EVERY:
        return False
    async with db.transaction() as tx:
        if not await queries.TRY_PUBLISHER.get(tx):
            return False
        if await queries.LENGTH.get(tx) == (last.operations if last else 0):
            return False
        found = await verify.verify(db)
        if found.ok:
            await queries.PUBLISH.run(tx, now, found.operations, bytes.fromhex(found.root))
    return found.ok
