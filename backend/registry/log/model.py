"""Operations of the registry and what proves them untouched (domain 3.18, D2)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

# The chain of every subject begins behind this.
GENESIS = bytes(32)


class OpClass(StrEnum):
    """The classes of M §26-30."""

    GLOBAL = "GLOBAL"
    ACCOUNT = "ACCOUNT"
    POLICY = "POLICY"
    INFORMATION = "INFORMATION"


class BasisKind(StrEnum):
    """What an operation rests on: a signed order, an event of a system, a written request, oneself."""

    ORDER = "ORDER"
    EVENT = "EVENT"
    REQUEST = "REQUEST"
    SELF = "SELF"


class NewOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation to be logged. `subject_id` is a person or an organisation.

    `content` says what was before and after, in opaque ids: never personal data. `op_type` is
    capitals and underscores; `actor` and `basis_id` are one line.
    """

    subject_id: UUID
    op_class: OpClass
    op_type: str
    at: datetime
    actor: str
    basis_kind: BasisKind
    basis_id: str
    content: dict[str, Any]


class Operation(msgspec.Struct, frozen=True):
    """A logged operation; `content` is JSON text, exactly as hashed."""

    subject_id: UUID
    seq: int
    op_class: OpClass
    op_type: str
    at: datetime
    actor: str
    basis_kind: BasisKind
    basis_id: str
    content: str
    previous: bytes
    hash: bytes


# --- the tree over all operations -----------------------------------------------------------------


class Waiting(msgspec.Struct, frozen=True):
    """Operations that wait for their places in the tree."""

    batch_id: int
    operations: int


class Leaf(msgspec.Struct, frozen=True):
    """A place in the tree and whose operation stands there."""

    leaf_index: int
    subject_id: UUID
    seq: int
    leaf_hash: bytes


class Node(msgspec.Struct, frozen=True):
    """A stored subtree, or (height 0) a leaf; `part` numbers what was asked for."""

    part: int
    hash: bytes


class TreeHead(msgspec.Struct, frozen=True):
    """A signed head: `previous` is the hash of the head before, its signature included."""

    number: int
    tree_size: int
    root: bytes
    at: datetime
    previous: bytes
    key_number: int
    signature: bytes = b""


class KeyRow(msgspec.Struct, frozen=True):
    """A key that signs heads; its private half sealed."""

    key_number: int
    public_key: bytes
    private_sealed: bytes
    endorsement: bytes | None
    created_at: datetime
    retired_at: datetime | None


class LogKey(msgspec.Struct, frozen=True):
    """A public key of the log. `endorsement`: CMS of the registrar's seal over `LogKeyStatement`."""

    key_number: int
    algorithm: str
    public_key: str
    created_at: datetime
    retired_at: datetime | None
    endorsement: str | None


class SignedHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A head as it is published: hashes in hex, the signature in base64."""

    number: int
    tree_size: int
    root: str
    at: datetime
    previous: str
    key_number: int
    signature: str


class Inclusion(msgspec.Struct, frozen=True):
    """That a leaf stands in the tree of `tree_size` (RFC 9162 §5.3): hashes in hex, nearest first."""

    leaf_index: int
    tree_size: int
    inclusion_path: list[str]


class Consistency(msgspec.Struct, frozen=True):
    """That the tree of `second` leaves begins with the tree of `first` (RFC 9162 §5.2)."""

    first: int
    second: int
    consistency_path: list[str]


# --- what verification finds ----------------------------------------------------------------------


class Damage(StrEnum):
    """How the log was found broken."""

    CHANGED = "CHANGED"  # the operation is not what was hashed
    MISSING = "MISSING"  # it was, but is no longer there
    ADDED = "ADDED"  # it came past the log: behind the end of its chain, or without a place
    TREE_CHANGED = "TREE_CHANGED"  # the places of the tree are not what they were
    SHORTENED = "SHORTENED"  # the tree is shorter than a head that was signed
    HEAD_CHANGED = "HEAD_CHANGED"  # a head is not what was signed, or not in its place
    ROOT_DIFFERS = "ROOT_DIFFERS"  # operations since the last head that holds are not those signed
    KEY_UNKNOWN = "KEY_UNKNOWN"  # an outside head is signed by no key of this registry


class End(msgspec.Struct, frozen=True):
    """A chain that ends elsewhere than is kept; None: it is not there, or is not kept."""

    subject_id: UUID
    kept_seq: int | None
    found_seq: int | None


class LostLeaf(msgspec.Struct, frozen=True):
    """A place whose operation is `gone`, or is another."""

    leaf_index: int
    subject_id: UUID
    seq: int
    gone: bool


class Placed(msgspec.Struct, frozen=True):
    """An operation by its place in its chain."""

    subject_id: UUID
    seq: int


class Broken(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first thing found broken, as exactly as can be known.

    An operation by its subject and place in the chain, leaves of the tree from one to another (not
    included), a head by its number.
    """

    damage: Damage
    subject_id: UUID | None = None
    seq: int | None = None
    leaf_index: int | None = None
    leaf_until: int | None = None
    head: int | None = None


class Verified(msgspec.Struct, frozen=True):
    """What verification found; `root` is the head over all places and what waits, in hex.

    `sealed` operations have their places; `heads` were signed.
    """

    ok: bool
    operations: int
    root: str
    sealed: int = 0
    heads: int = 0
    broken: Broken | None = None
