"""Writing the operation log."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from backend.kernel.db import Executor, Tx
from backend.registry.log import queries
from backend.registry.log.model import GENESIS, NewOperation, Operation


async def append(tx: Tx, operations: Sequence[NewOperation], *, locked: bool = False) -> None:
    """Log `operations` in the caller's transaction, those of one subject in the order given.

    The chain's hash is computed by the database. One statement for as many subjects as there
    are; the subjects stay locked to the end of the transaction (`locked`: the caller has locked them
    all). Source: domain 3.18.
    """
    if not operations:
        return
    if not locked:
        await lock(tx, list({o.subject_id for o in operations}))
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
