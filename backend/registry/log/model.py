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


class Damage(StrEnum):
    """How the log was found broken."""

    CHANGED = "CHANGED"  # the operation is not what was hashed
    MISSING = "MISSING"  # it was, but is no longer there
    ADDED = "ADDED"  # it stands behind the end of its chain
    SHORTENED = "SHORTENED"  # the whole log is shorter than what was published
    ROOT_DIFFERS = "ROOT_DIFFERS"  # as long as what was published, but not the same


class Broken(msgspec.Struct, frozen=True):
    """The first broken operation: its subject and place in the chain (None: of the log as a whole)."""

    damage: Damage
    subject_id: UUID | None
    seq: int | None


class Verified(msgspec.Struct, frozen=True):
    """What verification found; `root` is the Merkle root over all hashes (RFC 9162), in hex."""

    ok: bool
    operations: int
    root: str
    broken: Broken | None = None


class LogRoot(msgspec.Struct, frozen=True):
    """The published length and Merkle root of the log; None: nothing was published yet."""

    operations: int
    root: str
    published_at: datetime | None


class Head(msgspec.Struct, frozen=True):
    """The end of one subject's chain."""

    subject_id: UUID
    seq: int
    hash: bytes


class PublishedRoot(msgspec.Struct, frozen=True):
    """A row of what was published."""

    operations: int
    root: bytes
    published_at: datetime
