"""Giving operations their places in the tree, and proving them there."""

import time
from collections.abc import Sequence

from backend.kernel.db import Db, Executor, Tx
from backend.registry.log import merkle, queries
from backend.registry.log.errors import LeafUnknown, TreeSizeUnknown
from backend.registry.log.merkle import TILE, TILE_HEIGHT, Span
from backend.registry.log.model import Consistency, Inclusion, Leaf

SEAL_AT_ONCE = 20_000  # operations in one transaction, or one statement's if it wrote more
_BATCHES_AT_ONCE = 2_000
SEAL_FOR_S = 0.5  # of one sweep: the others wait for it


async def seal(db: Db) -> int:
    """Give waiting operations their places until none waits or SEAL_FOR_S is over; how many.

    What was placed is never read again but for the last tile. Nobody who writes waits for this.
    """
    began, placed = time.monotonic(), 0
    while (more := await _seal_some(db)) and time.monotonic() - began < SEAL_FOR_S:
        placed += more
    return placed + more


async def seal_all(db: Db) -> int:
    """Give every waiting operation its place; how many."""
    placed = 0
    while more := await _seal_some(db):
        placed += more
    return placed


async def _seal_some(db: Db) -> int:
    async with db.transaction() as tx:
        waiting = await queries.WAITING.all(tx, _BATCHES_AT_ONCE)
        if not waiting or not await queries.TRY_SEALER.get(tx):
            return 0
        # read again under the lock: another may have placed what we saw
        waiting = await queries.WAITING.all(tx, _BATCHES_AT_ONCE)
        batches, operations = [], 0
        for batch in waiting:
            batches.append(batch.batch_id)
            operations += batch.operations
            if operations >= SEAL_AT_ONCE:
                break
        if not batches:
            return 0
        size = await queries.TREE_SIZE.get(tx)
        placed = await queries.PLACE.run(tx, batches, size)
        assert placed == operations, "an operation was lost"
        await queries.PLACED.run(tx, batches)
        await _complete(tx, size, size + placed)
    return placed


async def _complete(tx: Tx, size: int, grown: int) -> None:
    """Store the subtrees that the leaves from `size` to `grown` completed."""
    height = TILE_HEIGHT
    while (start := size >> height) < (stop := grown >> height):
        start_below, stop_below = start << TILE_HEIGHT, stop << TILE_HEIGHT
        if height == TILE_HEIGHT:
            below = await queries.LEAF_HASHES.all(tx, start_below, stop_below)
        else:
            lower = height - TILE_HEIGHT
            below = await queries.SUBTREE_HASHES.all(tx, lower, start_below, stop_below)
        assert len(below) == stop_below - start_below, "the tree has a hole"
        made = [merkle.complete(below[at : at + TILE]) for at in range(0, len(below), TILE)]
        await queries.ADD_SUBTREES.run(tx, height, start, made)
        height += TILE_HEIGHT


async def hashes(where: Executor, spans: Sequence[Span]) -> list[bytes]:
    """The hash over each span of leaves; at most 255 rows are read for each subtree of it."""
    parts = [subtree for span in spans for subtree in merkle.subtrees(span)]
    leaves: list[tuple[int, int, int]] = []
    stored: list[tuple[int, int, int, int]] = []
    for part, (height, position) in enumerate(parts):
        base = height - height % TILE_HEIGHT
        start, stop = position << (height - base), (position + 1) << (height - base)
        if base:
            stored.append((part, base, start, stop))
        else:
            leaves.append((part, start, stop))
    found: dict[int, list[bytes]] = {part: [] for part in range(len(parts))}
    if leaves:
        for node in await queries.LEAVES_OF_PARTS.all(where, *map(list, zip(*leaves, strict=True))):
            found[node.part].append(node.hash)
    if stored:
        rows = await queries.SUBTREES_OF_PARTS.all(where, *map(list, zip(*stored, strict=True)))
        for node in rows:
            found[node.part].append(node.hash)
    roots = iter([merkle.complete(found[part]) for part in range(len(parts))])
    return [merkle.joined([next(roots) for _ in merkle.subtrees(span)]) for span in spans]


async def root(where: Executor, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return (await hashes(where, [(0, size)]))[0]


async def leaf(where: Executor, leaf_hash: bytes) -> Leaf | None:
    """The operation's place, when it has one already."""
    return await queries.LEAF_BY_HASH.one(where, leaf_hash)


async def inclusion(where: Executor, leaf_hash: bytes, tree_size: int) -> Inclusion:
    """That the leaf stands in the tree of `tree_size`. Raises LeafUnknown, TreeSizeUnknown."""
    await _require_signed_size(where, tree_size)
    found = await leaf(where, leaf_hash)
    if found is None or found.leaf_index >= tree_size:
        raise LeafUnknown(path="hash")
    path = await hashes(where, merkle.inclusion_spans(found.leaf_index, tree_size))
    return Inclusion(found.leaf_index, tree_size, [h.hex() for h in path])


async def consistency(where: Executor, first: int, second: int) -> Consistency:
    """That the tree only grew from `first` to `second`. Raises TreeSizeUnknown."""
    if first > second:
        raise TreeSizeUnknown(path="first")
    await _require_signed_size(where, second)
    path = await hashes(where, merkle.consistency_spans(first, second))
    return Consistency(first, second, [h.hex() for h in path])


async def _require_signed_size(where: Executor, tree_size: int) -> None:
    """No proof reaches behind the last signed head."""
    head = await queries.LAST_HEAD.one(where)
    if head is None or not 0 <= tree_size <= head.tree_size:
        raise TreeSizeUnknown(path="tree_size")
