from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from backend.registry.log.merkle import MerkleRoot


def by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + by_the_book(leaves[:k]) + by_the_book(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_the_stream_gives_the_head_of_the_rfc(leaves: list[bytes]) -> None:
    tree = MerkleRoot()
    for leaf in leaves:
        tree.add(leaf)
    assert tree.digest() == by_the_book(leaves)
    assert tree.leaves == len(leaves)


def test_a_known_head() -> None:
    # the empty leaf, from the test vectors of RFC 6962's reference implementation
    tree = MerkleRoot()
    tree.add(b"")
    assert tree.digest().hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
