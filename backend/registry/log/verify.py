"""Re-reading the whole log: every hash computed anew, every chain followed to its head."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import UUID

from backend.kernel.db import Db, Query, Tx
from backend.registry.log import queries
from backend.registry.log.merkle import MerkleRoot
from backend.registry.log.model import GENESIS, Broken, Damage, Head, Verified

_ROWS_AT_ONCE = 5_000


async def verify(db: Db) -> Verified:
    """Prove the log untouched, or name the first broken operation (FAULTS 25).

    The database is believed in nothing: an operation edited, removed, put in, swapped with
    another or cut off is found, be it by the owner of the database. A chain rewritten from its
    first operation on is found by the published root only. Memory does not grow with the log.
    """
    tree = MerkleRoot()
    async with db.transaction(isolation="repeatable_read") as tx:
        broken = await _follow(tx, tree)
        broken = broken or await _accounts(tx) or await _published(tx, tree)
    return Verified(
        ok=broken is None, operations=tree.leaves, root=tree.digest().hex(), broken=broken
    )


async def _follow(tx: Tx, tree: MerkleRoot) -> Broken | None:
    """Walk operations and heads side by side, both in the order of subjects."""
    heads = _Heads(_batches(tx, queries.HEADS))
    add = tree.add
    subject: UUID | None = None
    seq, last = 0, GENESIS
    async for batch in _batches(tx, queries.EVERYTHING):
        for at_subject, at_seq, previous, hashed, kept in batch:
            if at_subject != subject:
                if broken := await heads.close(subject, seq, last, before=at_subject):
                    return broken
                subject, seq, last = at_subject, 0, GENESIS
            seq += 1
            if at_seq != seq:
                return Broken(Damage.MISSING, subject, seq)
            if sha256(previous + hashed).digest() != kept:
                return Broken(Damage.CHANGED, subject, seq)
            if previous != last:
                # this one proves by its own hash what the one before it was
                return Broken(Damage.CHANGED, subject, max(seq - 1, 1))
            last = kept
            add(kept)
    return await heads.close(subject, seq, last, before=None)


async def _accounts(tx: Tx) -> Broken | None:
    """An account without any log has lost it."""
    person_id = await queries.ACCOUNT_WITHOUT_LOG.one(tx)
    return None if person_id is None else Broken(Damage.MISSING, person_id, 1)


async def _published(tx: Tx, tree: MerkleRoot) -> Broken | None:
    """The log never shrinks below what was published, nor differs at the same length."""
    published = await queries.LONGEST_ROOT.one(tx)
    if published is None or tree.leaves > published.operations:
        return None
    if tree.leaves < published.operations:
        return Broken(Damage.SHORTENED, None, None)
    if tree.digest() != published.root:
        return Broken(Damage.ROOT_DIFFERS, None, None)
    return None


class _Heads:
    """The heads in order, each compared with the chain of its subject."""

    def __init__(self, batches: AsyncIterator[list[Any]]) -> None:
        self._batches = batches
        self._rows: list[Any] = []
        self._place = 0

    async def _peek(self) -> Head | None:
        if self._place == len(self._rows):
            self._rows, self._place = await anext(self._batches, []), 0
        if not self._rows:
            return None
        return Head(*self._rows[self._place])

    async def close(
        self, subject: UUID | None, seq: int, last: bytes, *, before: UUID | None
    ) -> Broken | None:
        """The chain of `subject` ended at `seq`; no operation stands between it and `before`."""
        if subject is not None:
            head = await self._peek()
            if head is None or head.subject_id != subject:
                return Broken(Damage.ADDED, subject, 1)
            self._place += 1
            if head.seq > seq:
                return Broken(Damage.MISSING, subject, seq + 1)
            if head.seq < seq:
                return Broken(Damage.ADDED, subject, head.seq + 1)
            if head.hash != last:
                return Broken(Damage.CHANGED, subject, seq)
        while (head := await self._peek()) and (before is None or head.subject_id < before):
            self._place += 1
            if head.seq > 0:
                return Broken(Damage.MISSING, head.subject_id, 1)
        return None


async def _batches(tx: Tx, query: Query[Any]) -> AsyncIterator[list[Any]]:
    """The rows of `query` by the thousand, as the driver gives them: structs would double the time."""
    cursor = await tx.connection.cursor(query.sql)
    while rows := await cursor.fetch(_ROWS_AT_ONCE):
        yield rows
