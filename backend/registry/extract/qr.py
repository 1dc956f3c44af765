"""The QR of an extract: what proves it, for a reader without a network. Pure.

`SX1:` and base45 (RFC 9285), which a QR code holds in its alphanumeric mode. Inside, big-endian:

    proof    01, key(2), head's number(8), its milliseconds(8), leaf's index(8), tree's size(8),
             head before(32), signature(64), leaf(32), then the path, 32 octets each
    promise  02, key(2), given(8), kept by(8), signature(64), leaf(32)

The root is not told: the path leads to it, and the signature stands over it.
"""

import base64
import struct
from datetime import datetime

import msgspec

from backend.registry.extract.model import Promise, Proof
from backend.registry.extract.rules import promise_octets
from backend.registry.log import merkle, rules
from backend.registry.log.model import TreeHead
from backend.web.paper import qr

PREFIX = "SX1:"
_PROOF = struct.Struct(">BHQQQQ32s64s32s")
_PROMISE = struct.Struct(">BHQQ64s32s")
_PROOF_KIND, _PROMISE_KIND = 1, 2
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {sign: value for value, sign in enumerate(_SIGNS)}
_BASE = 45


class QrUnreadable(ValueError):
    """Not a QR of ours, or not as we write it."""


class QrProof(msgspec.Struct, frozen=True):
    """What a QR says: the leaf, and octets with the signature that must stand over them."""

    leaf: bytes
    key_number: int
    octets: bytes
    signature: bytes
    leaf_index: int | None = None
    head: int | None = None
    tree_size: int | None = None
    until: datetime | None = None


def text(proof: Proof | Promise) -> str:
    """The text inside the QR."""
    leaf = bytes.fromhex(proof.leaf_hash)
    if isinstance(proof, Promise):
        raw = _PROMISE.pack(
            _PROMISE_KIND,
            proof.key_number,
            rules.milliseconds(proof.at),
            rules.milliseconds(proof.until),
            base64.b64decode(proof.signature),
            leaf,
        )
    else:
        head = rules.from_published(proof.head)
        raw = _PROOF.pack(
            _PROOF_KIND,
            head.key_number,
            head.number,
            rules.milliseconds(head.at),
            proof.leaf_index,
            head.tree_size,
            head.previous,
            head.signature,
            leaf,
        ) + b"".join(map(bytes.fromhex, proof.inclusion_path))
    return PREFIX + encode(raw)


def read(said: str) -> QrProof:
    """What the QR says. Raises QrUnreadable; the signature is still to be verified."""
    if not said.startswith(PREFIX):
        raise QrUnreadable
    raw = decode(said[len(PREFIX) :])
    try:
        return _read_promise(raw) if raw[:1] == b"\x02" else _read_proof(raw)
    except (struct.error, OverflowError, merkle.ProofWrong):
        raise QrUnreadable from None


def _read_proof(raw: bytes) -> QrProof:
    kind, key, number, ms, index, size, previous, signature, leaf = _PROOF.unpack_from(raw)
    path = raw[_PROOF.size :]
    if kind != _PROOF_KIND or len(path) % 32:
        raise QrUnreadable
    parts = [path[at : at + 32] for at in range(0, len(path), 32)]
    root = merkle.root_by_inclusion(leaf, index, size, parts)
    head = TreeHead(number, size, root, rules.instant(ms), previous, key)
    return QrProof(leaf, key, rules.head_octets(head), signature, index, number, size)


def _read_promise(raw: bytes) -> QrProof:
    _, key, given, kept, signature, leaf = _PROMISE.unpack(raw)
    until = rules.instant(kept)
    octets = promise_octets(leaf, rules.instant(given), until, key)
    return QrProof(leaf, key, octets, signature, until=until)


def svg(said: str) -> str:
    """The picture."""
    return qr.svg(said, error="l", border=2)


def encode(raw: bytes) -> str:
    """Base45 (RFC 9285)."""
    out = []
    for at in range(0, len(raw) - 1, 2):
        number = raw[at] << 8 | raw[at + 1]
        out += [number % _BASE, number // _BASE % _BASE, number // _BASE**2]
    if len(raw) % 2:
        out += [raw[-1] % _BASE, raw[-1] // _BASE]
    return "".join(_SIGNS[value] for value in out)


def decode(said: str) -> bytes:
    """The inverse. Raises QrUnreadable for what `encode` does not write."""
    try:
        values = [_VALUES[sign] for sign in said]
    except KeyError:
        raise QrUnreadable from None
    out = bytearray()
    for at in range(0, len(values), 3):
        part = values[at : at + 3]
        number = sum(value * _BASE**place for place, value in enumerate(part))
        if len(part) == 1 or number >= 1 << (16 if len(part) == 3 else 8):
            raise QrUnreadable
        out += number.to_bytes(len(part) - 1)
    return bytes(out)
