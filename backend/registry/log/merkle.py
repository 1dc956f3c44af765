"""The Merkle tree of RFC 9162 (§2.1): heads, inclusion and consistency proofs. Pure.

A tree of n leaves is a row of complete subtrees, the largest first. A subtree of height h at
position p stands over the leaves from p * 2**h on, 2**h of them.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()
TILE_HEIGHT = 8  # subtrees of 256, 65,536, … leaves are stored
TILE = 1 << TILE_HEIGHT

Subtree = tuple[int, int]  # height, position
Span = tuple[int, int]  # leaves from, to (not included)


class ProofWrong(ValueError):
    """The proof does not lead from what it is about to the head."""


def leaf_hash(operation_hash: bytes) -> bytes:
    """What stands in the tree for an operation of this hash."""
    return sha256(b"\x00" + operation_hash).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two."""
    return sha256(b"\x01" + left + right).digest()


def complete(hashes: Sequence[bytes]) -> bytes:
    """The root over 2**k nodes of one height, in order."""
    row = list(hashes)
    while len(row) > 1:
        pairs = iter(row)
        row = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(pairs, pairs, strict=True)
        ]
    return row[0]


def subtrees(span: Span) -> list[Subtree]:
    """The complete subtrees that make up a span of leaves, as a proof or a head needs it.

    The span begins where a subtree at least as large as itself begins.
    """
    start, stop = span
    found: list[Subtree] = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        found.append((height, start >> height))
        start += 1 << height
    return found


def joined(nodes: Sequence[bytes]) -> bytes:
    """The hash over neighbouring subtrees, the largest first."""
    if not nodes:
        return EMPTY_ROOT
    *larger, node = nodes
    for left in reversed(larger):
        node = node_hash(left, node)
    return node


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The spans whose hashes prove that leaf `index` stands in the tree of `size`, nearest first."""
    start, stop, found = 0, size, []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """The spans whose hashes prove that the tree of `second` leaves begins with that of `first`."""
    if not 0 < first < second:
        return []
    start, stop, found, whole = 0, second, [], True
    while first != stop:
        middle = start + _split(stop - start)
        if first <= middle:
            found.append((middle, stop))
            stop = middle
        else:
            found.append((start, middle))
            start, whole = middle, False
    if not whole:  # the first tree's last part is not the first tree itself: it has to be told
        found.append((start, stop))
    return found[::-1]


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that the path leads to (§2.1.3.2). Raises ProofWrong when its length is not right."""
    if not 0 <= index < size or len(path) != len(inclusion_spans(index, size)):
        raise ProofWrong
    node, last = leaf, size - 1
    for beside in path:
        if index & 1 or index == last:
            node = node_hash(beside, node)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, beside)
        index, last = index >> 1, last >> 1
    return node


def require_consistent(
    first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> None:
    """The second tree begins with the first (§2.1.4.2). Raises ProofWrong."""
    spans = consistency_spans(first, second)
    if not 0 <= first <= second or len(path) != len(spans):
        raise ProofWrong
    if first == 0:
        sound = first_root == EMPTY_ROOT
    elif first == second:
        sound = first_root == second_root
    else:
        sound = _both_roots(first, first_root, spans, path) == (first_root, second_root)
    if not sound:
        raise ProofWrong


def _both_roots(
    first: int, first_root: bytes, spans: Sequence[Span], path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Both roots, built from the inside out: spans inside the first tree are in both."""
    if spans[0][0] < first and spans[0][1] <= first:  # the innermost part is told
        old = new = path[0]
        rest = list(zip(spans, path, strict=True))[1:]
    else:  # the first tree is complete: it is itself the innermost part
        old = new = first_root
        rest = list(zip(spans, path, strict=True))
    for (start, _), beside in rest:
        if start < first:
            old, new = node_hash(beside, old), node_hash(beside, new)
        else:
            new = node_hash(new, beside)
    return old, new


class Frontier:
    """A tree that grows by whole tiles: the complete subtrees it is made of, O(log n) of them."""

    def __init__(self) -> None:
        self.tiles = 0
        self._nodes: list[bytes] = []

    def add(self, tile: bytes) -> Iterator[tuple[Subtree, bytes]]:
        """Append the root of a tile; yields the subtrees of stored heights that it completes."""
        node, height, position = tile, TILE_HEIGHT, self.tiles
        yield (height, position), node
        while position & 1:
            node = node_hash(self._nodes.pop(), node)
            height, position = height + 1, position >> 1
            if height % TILE_HEIGHT == 0:
                yield (height, position), node
        self._nodes.append(node)
        self.tiles += 1

    def root(self, tail: Sequence[bytes] = ()) -> bytes:
        """The head of the tiles so far and `tail`, the leaves behind them: fewer than a tile."""
        parts = [
            complete(tail[position << height : (position + 1) << height])
            for height, position in subtrees((0, len(tail)))
        ]
        return joined([*self._nodes, *parts])
