"""Reading the whole log at speed: PostgreSQL's binary copy, taken apart as it comes.

Memory does not grow with the log. That two streams in different orders hold the same values is
told by a `Fingerprint`, whose secret is drawn anew for each run.
"""

import secrets
import struct
import sys
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from uuid import UUID

from backend.kernel.db import Query, Tx
from backend.registry.log import merkle
from backend.registry.log.merkle import TILE, Frontier
from backend.registry.log.model import GENESIS, Broken, Damage

_SIGNATURE_BYTES = 19  # of a binary copy, before its first row
_TRAILER = b"\xff\xff"
_ROW = struct.Struct(">hi")  # one column, and its length
_LEAF = struct.Struct(">hiQ24s32s")
HASH = 32
_KEY = slice(32, 56)  # subject and place in the chain, behind the hash before


class Fingerprint:
    """A number that two bags of values share, in whatever order, only if the bags are the same.

    The sum of the values' SipHashes (Python's own hash of octets: no other is as fast) behind a
    secret that is drawn when the log is what it is: nobody can aim at it, and two different bags
    agree once in 2**64.
    """

    def __init__(self, secret: bytes = b"") -> None:
        assert sys.hash_info.algorithm.startswith("siphash"), "this Python's hash is no SipHash"
        self.secret = secret or secrets.token_bytes(32)
        self.value, self.count = 0, 0

    def add(self, values: Sequence[bytes]) -> None:
        """Put values into the bag."""
        secret = self.secret
        self.value += sum([hash(secret + value) for value in values])
        self.count += len(values)

    def same(self, other: "Fingerprint") -> bool:
        """Do both bags hold the same?"""
        return (self.count, self.value) == (other.count, other.value)


class Chains:
    """Follows the operations, which come in the order of their chains: each hash computed anew."""

    def __init__(self, leaves: Fingerprint, ends: Fingerprint) -> None:
        self.broken: Broken | None = None
        self._leaves, self._ends = leaves, ends
        self._subject, self._seq, self._last = b"", 0, GENESIS

    def feed(self, rows: Sequence[bytes]) -> None:
        """More operations. After one that is broken, nothing more is looked at."""
        if self.broken is not None:
            return
        subject, seq, last = self._subject, self._seq, self._last
        ended, leaves = [], []
        for row in rows:
            kept, key = row[-HASH:], row[_KEY]
            if sha256(row[:-HASH]).digest() != kept:
                self.broken = Broken(Damage.CHANGED, UUID(bytes=key[:16]), int.from_bytes(key[16:]))
                return
            if key[:16] != subject:
                if seq:
                    ended.append(subject + seq.to_bytes(8) + last)
                subject, seq, last = key[:16], 0, GENESIS
            seq += 1
            if int.from_bytes(key[16:]) != seq:
                self.broken = Broken(Damage.MISSING, UUID(bytes=subject), seq)
                return
            if row[:HASH] != last:
                # this one proves by its own hash what the one before it was
                self.broken = Broken(Damage.CHANGED, UUID(bytes=subject), max(seq - 1, 1))
                return
            last = kept
            leaves.append(key + sha256(b"\x00" + kept).digest())
        self._subject, self._seq, self._last = subject, seq, last
        self._ends.add(ended)
        self._leaves.add(leaves)

    def end(self) -> None:
        """No more operations."""
        if self._seq:
            self._ends.add([self._subject + self._seq.to_bytes(8) + self._last])


class Roots:
    """The roots of the tree at sizes asked for beforehand, as the leaves come by in order."""

    def __init__(self, sizes: Iterable[int], subtrees: Fingerprint) -> None:
        self.at: dict[int, bytes] = {}
        self._wanted = sorted(set(sizes), reverse=True)
        self._frontier = Frontier()
        self._subtrees = subtrees
        self._tail: list[bytes] = []

    @property
    def size(self) -> int:
        """The leaves seen so far."""
        return self._frontier.tiles * TILE + len(self._tail)

    def feed(self, leaves: Sequence[bytes]) -> None:
        """More leaves."""
        self._tail += leaves
        while len(self._tail) >= TILE:
            self._note(TILE)
            made = self._frontier.add(merkle.complete(self._tail[:TILE]))
            self._subtrees.add(
                [
                    height.to_bytes(2) + position.to_bytes(8) + node
                    for (height, position), node in made
                ]
            )
            del self._tail[:TILE]

    def end(self) -> bytes:
        """No more leaves: the root over all."""
        self._note(len(self._tail) + 1)
        return self._frontier.root(self._tail)

    def _note(self, reach: int) -> None:
        """Roots of the wanted sizes that end within `reach` leaves behind the last tile."""
        base = self._frontier.tiles * TILE
        while self._wanted and self._wanted[-1] < base + reach:
            size = self._wanted.pop()
            self.at[size] = self._frontier.root(self._tail[: size - base])


class Leaves:
    """Takes the places in order; `gap` is the first that is not there."""

    def __init__(self, bag: Fingerprint, roots: Roots) -> None:
        self.gap: int | None = None
        self._bag, self._roots = bag, roots

    def feed(self, octets: bytes) -> None:
        """More rows, all of one size."""
        if self.gap is not None:
            return
        rows = list(_LEAF.iter_unpack(octets))
        count = self._roots.size
        expected = range(count, count + len(rows))
        if any(row[2] != n for row, n in zip(rows, expected, strict=True)):
            self.gap = next(n for row, n in zip(rows, expected, strict=True) if row[2] != n)
            return
        self._bag.add([row[3] + row[4] for row in rows])
        self._roots.feed([row[4] for row in rows])


async def rows(tx: Tx, query: Query[bytes], feed: Callable[[list[bytes]], None]) -> None:
    """Hand on the rows of a statement of one column, some hundred at a time."""
    await _copy(tx, query, lambda octets: _taken_apart(octets, feed))


def _taken_apart(octets: bytes, feed: Callable[[list[bytes]], None]) -> int:
    at, stop, found = 0, len(octets) - _ROW.size, []
    unpack, size = _ROW.unpack_from, _ROW.size
    while at <= stop:
        end = at + size + unpack(octets, at)[1]
        if end > len(octets):
            break
        found.append(octets[at + size : end])
        at = end
    feed(found)
    return at


async def leaves(tx: Tx, query: Query[bytes], into: Leaves) -> None:
    """Hand on the leaves: their rows are all of one size."""

    def take(octets: bytes) -> int:
        whole = len(octets) - len(octets) % _LEAF.size
        into.feed(octets[:whole])
        return whole

    await _copy(tx, query, take)


async def _copy(tx: Tx, query: Query[bytes], take: Callable[[bytes], int]) -> None:
    """`take` is given what has come and says how much of it was whole rows."""
    rest, begun = b"", False

    async def sink(chunk: bytes) -> None:
        nonlocal rest, begun
        octets = rest + chunk
        if not begun:
            if len(octets) < _SIGNATURE_BYTES:
                rest = octets
                return
            octets, begun = octets[_SIGNATURE_BYTES:], True
        rest = octets[take(octets) :]

    await tx.connection.copy_from_query(query.sql, output=sink, format="binary")
    if rest != _TRAILER:
        raise RuntimeError("the copy broke off")
