"""The Merkle tree of RFC 9162 (§2.1.1) over a stream of leaves, in O(log n) memory. Pure."""

from hashlib import sha256


class MerkleRoot:
    """Add leaves in order; `digest` is the tree head of those added so far."""

    def __init__(self) -> None:
        self.leaves = 0
        # complete subtrees, the largest first: their sizes are the bits of `leaves`
        self._subtrees: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append one leaf."""
        node = sha256(b"\x00" + leaf).digest()
        merged = self.leaves
        while merged & 1:
            node = sha256(b"\x01" + self._subtrees.pop() + node).digest()
            merged >>= 1
        self._subtrees.append(node)
        self.leaves += 1

    def digest(self) -> bytes:
        """The tree head: the hash of nothing for an empty tree."""
        if not self._subtrees:
            return sha256(b"").digest()
        *larger, node = self._subtrees
        for subtree in reversed(larger):
            node = sha256(b"\x01" + subtree + node).digest()
        return node
