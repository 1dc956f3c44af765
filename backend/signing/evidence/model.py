"""Signed requests and what is kept of them."""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

C = TypeVar("C")


class SignedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signed command: the exact bytes and a CMS over them, both base64 (CONTRACT, HTTP).

    Without `signature`, `document` itself is one attached CMS.
    """

    document: str
    signature: str | None = None


class Signed(msgspec.Struct, Generic[C], frozen=True):
    """A command whose signature stands, with the proof to be stored beside its effect."""

    command: C
    document: bytes
    proof: "Proof"


class Proof(msgspec.Struct, frozen=True):
    """What proves who signed which bytes, as of when it was verified."""

    operation: str
    document: bytes
    signature: bytes
    signer: bytes | None
    signer_bin: str | None
    signer_roles: tuple[str, ...]
    certificate_serial: str
    algorithm: str
    result: dict[str, Any]
    verified_at: datetime


class Evidence(msgspec.Struct, frozen=True):
    """A stored proof."""

    evidence_id: UUID
    operation: str
    document: bytes
    signature: bytes
    signer_bin: str | None
    signer_roles: tuple[str, ...]
    verified_at: datetime
