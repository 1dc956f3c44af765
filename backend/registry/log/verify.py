"""Proving the log untouched: every hash computed anew, chains, tree and signed heads followed."""

from collections.abc import Mapping, Sequence

import msgspec

from backend.kernel.db import Db, Tx
from backend.registry.log import merkle, queries, rules, stream
from backend.registry.log.merkle import TILE
from backend.registry.log.model import Broken, Damage, End, TreeHead, Verified
from backend.registry.log.stream import Chains, Fingerprint, Leaves, Roots

_TILES_AT_ONCE = 256


class _Read(msgspec.Struct):
    """What one pass over everything found."""

    chains: Chains
    roots: Roots
    leaves: Leaves
    kept_heads: list[TreeHead]
    root: bytes = b""
    operations: int = 0
    ends_hold: bool = False
    leaves_hold: bool = False
    subtrees_hold: bool = False
    sealed: int = 0


async def verify(
    db: Db, outside: Sequence[TreeHead] = (), keys: Mapping[int, bytes] | None = None
) -> Verified:
    """Prove the log untouched, or name the first thing broken (FAULTS 25).

    The database is believed in nothing: an operation edited, removed, put in, swapped with another
    or cut off is found, a head changed, be it by the owner of the database. One who writes
    everything anew is found by `outside`, heads that somebody kept; `keys` are theirs by number, where
    they were kept too. Memory does not grow with the log.
    """
    async with db.transaction(isolation="repeatable_read") as tx:
        await queries.PATIENT.get(tx)
        read = await _read(tx, [head.tree_size for head in outside])
        known = {row.key_number: row.public_key for row in await queries.KEYS.all(tx)}
        broken = await _operations(tx, read) or await _places(tx, read)
        broken = broken or _heads(read, known) or _outside(read, outside, keys or known)
    return Verified(
        ok=broken is None,
        operations=read.operations,
        root=read.root.hex(),
        sealed=read.sealed,
        heads=len(read.kept_heads),
        broken=broken,
    )


async def _read(tx: Tx, sizes: Sequence[int]) -> _Read:
    """One pass: operations in the order of their chains, leaves in the order of the tree."""
    logged, ends = Fingerprint(), Fingerprint()
    kept_ends, subtrees = Fingerprint(ends.secret), Fingerprint()
    placed, kept_subtrees = Fingerprint(logged.secret), Fingerprint(subtrees.secret)
    heads = await queries.HEADS.all(tx)
    roots = Roots([*sizes, *(head.tree_size for head in heads)], subtrees)
    read = _Read(Chains(logged, ends), roots, Leaves(placed, roots), heads)
    await stream.rows(tx, queries.OPERATIONS, read.chains.feed)
    read.chains.end()
    await stream.rows(tx, queries.ENDS, kept_ends.add)
    await stream.leaves(tx, queries.LEAVES, read.leaves)
    read.sealed = roots.size
    await stream.rows(tx, queries.SUBTREES, kept_subtrees.add)
    read.subtrees_hold = kept_subtrees.same(subtrees)
    async for keys in queries.WAITING_KEYS.stream(tx, prefetch=20):
        waiting = [merkle.leaf_hash(key[-stream.HASH :]) for key in keys]
        placed.add([key[: -stream.HASH] + leaf for key, leaf in zip(keys, waiting, strict=True)])
        roots.feed(waiting)
    read.root = roots.end()
    read.operations = logged.count
    read.ends_hold = kept_ends.same(ends)
    read.leaves_hold = placed.same(logged)
    return read


async def _operations(tx: Tx, read: _Read) -> Broken | None:
    """Operations against themselves, their chains, and the ends kept of them."""
    if read.chains.broken is not None:
        return read.chains.broken
    if not read.ends_hold:
        end = await queries.END_DIFFERS.get(tx)
        return _end(end)
    person_id = await queries.ACCOUNT_WITHOUT_LOG.one(tx)
    return None if person_id is None else Broken(Damage.MISSING, person_id, 1)


def _end(end: End) -> Broken:
    kept, found = end.kept_seq or 0, end.found_seq or 0
    if kept > found:
        return Broken(Damage.MISSING, end.subject_id, found + 1)
    if kept < found:
        return Broken(Damage.ADDED, end.subject_id, kept + 1)
    return Broken(Damage.CHANGED, end.subject_id, found)


async def _places(tx: Tx, read: _Read) -> Broken | None:
    """Operations against their places in the tree, and the tree against its stored subtrees."""
    if (gap := read.leaves.gap) is not None:
        return Broken(Damage.TREE_CHANGED, leaf_index=gap, leaf_until=gap + 1)
    if not read.leaves_hold:
        return await _misplaced(tx, read)
    if not read.subtrees_hold:
        return await _rearranged(tx, read)
    return None


async def _misplaced(tx: Tx, read: _Read) -> Broken:
    """An operation without its place, or a place without its operation."""
    lost = await queries.LEAF_WITHOUT_OPERATION.one(tx)
    if lost is not None:
        damage = Damage.MISSING if lost.gone else Damage.CHANGED
        # the chains hold: where the tree does not, or knows the operation by another name, it was the tree
        if not read.subtrees_hold or await queries.LOGGED_ANYWHERE.get(tx, lost.leaf_index):
            damage = Damage.TREE_CHANGED
        at = lost.leaf_index
        return Broken(damage, lost.subject_id, lost.seq, leaf_index=at, leaf_until=at + 1)
    added = await queries.OPERATION_WITHOUT_LEAF.one(tx)
    if added is not None:
        return Broken(Damage.ADDED, added.subject_id, added.seq)
    gone = await queries.WAITING_WITHOUT_OPERATION.get(tx)
    return Broken(Damage.MISSING, gone.subject_id, gone.seq)


async def _rearranged(tx: Tx, read: _Read) -> Broken:
    """The first tile whose leaves are not those its subtree was made of."""
    tiles = read.sealed // TILE
    for start in range(0, tiles, _TILES_AT_ONCE):
        stop = min(start + _TILES_AT_ONCE, tiles)
        kept = await queries.SUBTREE_HASHES.all(tx, merkle.TILE_HEIGHT, start, stop)
        found = await queries.LEAF_HASHES.all(tx, start * TILE, stop * TILE)
        for tile in range(start, stop):
            at = (tile - start) * TILE
            made = merkle.complete(found[at : at + TILE])
            if tile - start >= len(kept) or kept[tile - start] != made:
                return Broken(
                    Damage.TREE_CHANGED, leaf_index=tile * TILE, leaf_until=(tile + 1) * TILE
                )
    # a subtree above the tiles
    return Broken(Damage.TREE_CHANGED, leaf_index=0, leaf_until=read.sealed)


def _heads(read: _Read, keys: Mapping[int, bytes]) -> Broken | None:
    """Signed heads: each in its place, signed, naming the one before, over what the tree was."""
    before: TreeHead | None = None
    for number, head in enumerate(read.kept_heads, 1):
        previous = rules.head_hash(before) if before else rules.FIRST_PREVIOUS
        grew = before is None or (head.tree_size >= before.tree_size and head.at >= before.at)
        signed = head.key_number in keys and _signed(head, keys[head.key_number])
        if not (head.number == number and head.previous == previous and grew and signed):
            return Broken(Damage.HEAD_CHANGED, head=number)
        broken = _under(read, head, before)
        if broken is not None:
            return broken
        before = head
    return None


def _under(read: _Read, head: TreeHead, before: TreeHead | None) -> Broken | None:
    """The tree is what the head says it was."""
    sound = before.tree_size if before else 0
    if head.tree_size > read.sealed:
        return Broken(
            Damage.SHORTENED,
            leaf_index=read.sealed,
            leaf_until=head.tree_size,
            head=head.number,
        )
    if read.roots.at[head.tree_size] != head.root:
        return Broken(
            Damage.ROOT_DIFFERS, leaf_index=sound, leaf_until=head.tree_size, head=head.number
        )
    return None


def _outside(read: _Read, outside: Sequence[TreeHead], keys: Mapping[int, bytes]) -> Broken | None:
    """What others kept: signed by us, and still true."""
    for head in sorted(outside, key=lambda h: h.number):
        if head.key_number not in keys or not _signed(head, keys[head.key_number]):
            return Broken(Damage.KEY_UNKNOWN, head=head.number)
        sound = [h for h in read.kept_heads if h.tree_size < head.tree_size]
        broken = _under(read, head, sound[-1] if sound else None)
        if broken is not None:
            return broken
        kept = read.kept_heads[head.number - 1 : head.number]
        if not kept or rules.head_hash(kept[0]) != rules.head_hash(head):
            return Broken(Damage.HEAD_CHANGED, head=head.number)
    return None


def _signed(head: TreeHead, public_key: bytes) -> bool:
    try:
        rules.require_signed(rules.head_octets(head), head.signature, public_key)
    except rules.SignatureWrong:
        return False
    return True
