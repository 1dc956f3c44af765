"""The QR: bounded, and read back to what must be signed."""

import base64
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from backend.registry.extract import qr
from backend.registry.extract.model import Promise, Proof
from backend.registry.log import merkle, rules
from backend.registry.log.model import TreeHead

AT = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)
LEAF = sha256(b"leaf").digest()
COUNTRY = 41_234_567  # operations: 20 million policies, issued and credited
FAR = 1 << 40  # forty levels


def proof(size: int, index: int) -> tuple[Proof, TreeHead]:
    path = [sha256(n.to_bytes(2)).digest() for n in range(len(merkle.inclusion_spans(index, size)))]
    root = merkle.root_by_inclusion(LEAF, index, size, path)
    head = TreeHead(8760, size, root, AT, sha256(b"before").digest(), 1, sha256(b"s").digest() * 2)
    return Proof(LEAF.hex(), index, [p.hex() for p in path], rules.published(head)), head


@pytest.mark.parametrize(("size", "version"), [(1, 10), (COUNTRY, 24), (FAR, 29)])
def test_the_proof_of_any_tree_fits_into_a_qr(size: int, version: int) -> None:
    made, head = proof(size, size // 2)
    code = segno.make(qr.text(made), error="l", micro=False)
    assert code.mode == "alphanumeric"
    assert int(code.version) <= version
    said = qr.read(qr.text(made))
    assert (said.leaf, said.octets) == (LEAF, rules.head_octets(head))
    assert (said.leaf_index, said.tree_size, said.head) == (size // 2, size, 8760)


def test_a_promise_is_read_back() -> None:
    promise = Promise(
        LEAF.hex(), AT, AT + timedelta(days=1), 3, base64.b64encode(bytes(64)).decode()
    )
    said = qr.read(qr.text(promise))
    assert (said.leaf, said.key_number, said.until) == (LEAF, 3, promise.until)


@given(st.binary(max_size=200))
def test_base45_both_ways(raw: bytes) -> None:
    assert qr.decode(qr.encode(raw)) == raw


def test_base45_of_the_rfc() -> None:
    assert qr.encode(b"AB") == "BB8"
    assert qr.encode(b"Hello!!") == "%69 VD92EX0"
    assert qr.encode(b"base-45") == "UJCLQE7W581"


@pytest.mark.parametrize(
    "said",
    ["", "SX1", "SX1:", "SX2:BB8", "SX1:bb8", "SX1:A", "SX1:GGW", "SX1:::", "SX1:BB8", "SX1:10"],
)
def test_what_is_no_qr_of_ours_is_refused(said: str) -> None:
    with pytest.raises(qr.QrUnreadable):
        qr.read(said)


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=400))
def test_whatever_stands_there_is_read_or_refused(said: str) -> None:
    """Nothing else is raised; what is read has the sizes of a proof, and is all that stands there."""
    try:
        found = qr.read(f"SX1:{said}")
    except qr.QrUnreadable:
        return
    assert (len(found.leaf), len(found.signature)) == (32, 64)
    assert len(said) >= (32 + 64) * 3 // 2
