"""The octets that heads and keys are signed over. Pure."""

import base64
import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backend.registry.log.model import KeyRow, LogKey, Operation, SignedHead, TreeHead

HEAD_CONTEXT = b"saqtau-log-head-v1\n"
FIRST_PREVIOUS = bytes(32)
_HEAD = struct.Struct(">QQQH32s32s")  # number, leaves, milliseconds since 1970, key, root, previous
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


_EPOCH_2000 = datetime(2000, 1, 1, tzinfo=UTC)  # PostgreSQL counts microseconds from here


class SignatureWrong(ValueError):
    """Not signed by that key, or not these octets."""


def milliseconds(at: datetime) -> int:
    """Since 1970, as signed."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def instant(since_1970_ms: int) -> datetime:
    """The inverse of `milliseconds`. OverflowError beyond the year 9999."""
    return _EPOCH + timedelta(milliseconds=since_1970_ms)


def to_milliseconds(at: datetime) -> datetime:
    """The instant without what is not signed of it."""
    return instant(milliseconds(at))


def operation_hash(operation: Operation) -> bytes:
    """The hash of an operation behind the one before it, as the database computes it."""
    fixed = struct.pack(
        ">16sqq",
        operation.subject_id.bytes,
        operation.seq,
        (operation.at - _EPOCH_2000) // timedelta(microseconds=1),
    )
    texts = "\n".join(
        (
            operation.op_class,
            operation.op_type,
            operation.actor,
            operation.basis_kind,
            operation.basis_id,
            operation.content,
        )
    )
    return sha256(operation.previous + fixed + texts.encode()).digest()


def head_octets(head: TreeHead) -> bytes:
    """What a head's signature stands over."""
    return HEAD_CONTEXT + _HEAD.pack(
        head.number,
        head.tree_size,
        milliseconds(head.at),
        head.key_number,
        head.root,
        head.previous,
    )


def head_hash(head: TreeHead) -> bytes:
    """By what the next head names this one: its octets and its signature."""
    return sha256(head_octets(head) + head.signature).digest()


def sign(octets: bytes, private: bytes) -> bytes:
    """The Ed25519 signature."""
    return Ed25519PrivateKey.from_private_bytes(private).sign(octets)


def require_signed(octets: bytes, signature: bytes, public_key: bytes) -> None:
    """Raise SignatureWrong unless `public_key` signed exactly these octets."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, octets)
    except (InvalidSignature, ValueError):
        raise SignatureWrong from None


def published(head: TreeHead) -> SignedHead:
    """A head as everybody sees it."""
    return SignedHead(
        number=head.number,
        tree_size=head.tree_size,
        root=head.root.hex(),
        at=head.at,
        previous=head.previous.hex(),
        key_number=head.key_number,
        signature=base64.b64encode(head.signature).decode(),
    )


def from_published(head: SignedHead) -> TreeHead:
    """The inverse. Raises ValueError for what is no head of ours."""
    made = TreeHead(
        number=head.number,
        tree_size=head.tree_size,
        root=bytes.fromhex(head.root),
        at=head.at,
        previous=bytes.fromhex(head.previous),
        key_number=head.key_number,
        signature=base64.b64decode(head.signature, validate=True),
    )
    if published(made) != head or len(made.root) != 32 or len(made.previous) != 32:
        raise ValueError("written otherwise than we write it")
    try:
        head_octets(made)
    except struct.error as e:
        raise ValueError(str(e)) from None
    return made


def public_half(row: KeyRow) -> LogKey:
    """A key as everybody sees it."""
    return LogKey(
        key_number=row.key_number,
        algorithm="Ed25519",
        public_key=base64.b64encode(row.public_key).decode(),
        created_at=row.created_at,
        retired_at=row.retired_at,
        endorsement=None if row.endorsement is None else base64.b64encode(row.endorsement).decode(),
    )


def key_statement(key_number: int, public_key: bytes, created_at: datetime) -> bytes:
    """What the registrar's seal says of a key: the JSON that the endorsement is detached from."""
    return msgspec.json.encode(
        {
            "statement": "saqtau-log-key-v1",
            "key_number": key_number,
            "algorithm": "Ed25519",
            "public_key": base64.b64encode(public_key).decode(),
            "created_at": created_at,
        },
        order="sorted",
    )
