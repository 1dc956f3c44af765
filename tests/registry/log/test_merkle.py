"""The tree against RFC 9162, word for word, and proofs that nothing else satisfies."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.registry.log import merkle

# MTH({"", 00, 10, 20 21, …}): the test vectors of RFC 6962's reference implementation
LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243",
    "5051525354555657", "606162636465666768696a6b6c6d6e6f")]  # fmt: skip
ROOT_OF_8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
PATH_OF_5_IN_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]


def by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + by_the_book(leaves[:k]) + by_the_book(leaves[k:])).digest()


def path_by_the_book(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162 §2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path_by_the_book(m, leaves[:k]), by_the_book(leaves[k:])]
    return [*path_by_the_book(m - k, leaves[k:]), by_the_book(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """RFC 9162 §2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [by_the_book(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), by_the_book(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), by_the_book(leaves[:k])]


def numbered(size: int) -> list[bytes]:
    return [n.to_bytes(4) for n in range(size)]


def hashed(spans: list[merkle.Span], leaves: list[bytes]) -> list[bytes]:
    """The spans' hashes, by way of complete subtrees as the service has them."""
    return [
        merkle.joined(
            [
                merkle.complete([merkle.leaf_hash(x) for x in leaves[p << h : (p + 1) << h]])
                for h, p in merkle.subtrees(span)
            ]
        )
        for span in spans
    ]


def root(leaves: list[bytes]) -> bytes:
    return hashed([(0, len(leaves))], leaves)[0] if leaves else merkle.EMPTY_ROOT


def test_the_vectors_of_the_reference_implementation() -> None:
    assert root(LEAVES[:1]).hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert root(LEAVES).hex() == ROOT_OF_8
    assert [x.hex() for x in hashed(merkle.inclusion_spans(5, 8), LEAVES)] == PATH_OF_5_IN_8


@given(st.integers(1, 300), st.data())
def test_an_inclusion_proof_is_the_rfcs_and_proves(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = numbered(size)
    path = hashed(merkle.inclusion_spans(index, size), leaves)
    assert path == path_by_the_book(index, leaves)
    leaf = merkle.leaf_hash(leaves[index])
    assert merkle.root_by_inclusion(leaf, index, size, path) == by_the_book(leaves)


@given(st.integers(2, 300), st.data())
def test_another_place_leaf_or_path_leads_to_another_root(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.permutations(range(size)))[:2]
    leaves = numbered(size)
    head, leaf = by_the_book(leaves), merkle.leaf_hash(leaves[index])
    path = hashed(merkle.inclusion_spans(index, size), leaves)
    place = data.draw(st.integers(0, len(path) - 1))
    bent = [*path[:place], bytes(32), *path[place + 1 :]]
    wrong = merkle.leaf_hash(leaves[other])
    for attempt in ((wrong, index, size, path), (leaf, index, size, bent)):
        assert merkle.root_by_inclusion(*attempt) != head
    for attempt in (
        (leaf, other, size, path),
        (leaf, index, size, path[1:]),
        (leaf, index, size, [*path, path[0]]),
        (leaf, size, size, path),
        (leaf, -1, size, path),
    ):
        try:
            assert merkle.root_by_inclusion(*attempt) != head
        except merkle.ProofWrong:
            continue


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_consistency_proof_is_the_rfcs_and_proves(one: int, two: int) -> None:
    first, second = sorted((one, two))
    leaves = numbered(second)
    path = hashed(merkle.consistency_spans(first, second), leaves)
    if 0 < first < second:
        assert path == subproof(first, leaves, True)
    old, new = by_the_book(leaves[:first]), by_the_book(leaves)
    merkle.require_consistent(first, second, old, new, path)
    for bad in ((bytes(32), new), (old, bytes(32))):
        if first != 0 or bad[0] != old:
            with pytest.raises(merkle.ProofWrong):
                merkle.require_consistent(first, second, *bad, path)
    for place in range(len(path)):
        bent = [*path[:place], bytes(32), *path[place + 1 :]]
        with pytest.raises(merkle.ProofWrong):
            merkle.require_consistent(first, second, old, new, bent)


@given(st.integers(0, 5 * merkle.TILE))
def test_a_tree_grown_by_tiles_is_the_same_tree(size: int) -> None:
    hashes = [merkle.leaf_hash(x) for x in numbered(size)]
    grown = merkle.Frontier()
    for start in range(0, size - merkle.TILE + 1, merkle.TILE):
        tile = merkle.complete(hashes[start : start + merkle.TILE])
        assert dict(grown.add(tile))[(8, start // merkle.TILE)] == tile
    tail = hashes[grown.tiles * merkle.TILE :]
    assert grown.root(tail) == by_the_book(numbered(size))


def test_a_tile_of_tiles_is_yielded() -> None:
    grown = merkle.Frontier()
    tiles = [sha256(bytes([n])).digest() for n in range(256)]
    completed = [made for tile in tiles for made in grown.add(tile)]
    assert completed[-1] == ((16, 0), merkle.complete(tiles))
    assert len(completed) == 257
