"""Signed requests and what is kept of them."""

import hashlib
from datetime import datetime
from enum import StrEnum
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


class ListKept(msgspec.Struct, frozen=True):
    """A revocation list a proof rests on: found by its hash, recognised by the rest."""

    sha256: str
    issuer_sha256: str
    number: int | None
    base_number: int | None
    this_update: datetime


class RevocationKept(msgspec.Struct, frozen=True):
    """How the certificate's status was decided: what, by which source, whom we asked in which order."""

    status: str = "unknown"
    source: str | None = None
    asked: tuple[tuple[str, str], ...] = ()
    ocsp: str | None = None
    lists: tuple[ListKept, ...] = ()


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a proof rests on, by SHA-256 (hex) of what is frozen.

    `reference_at` is the instant the signature was judged for: the time stamp's where there is one,
    inside the signature ("INSIDE") or beside it (`stamp`), else our own clock's. `stamping` says what
    came of asking for one; `stamp_revocation` how the stamping authority's certificate stood.
    """

    format: str | None
    document_sha256: str
    signature_sha256: str
    reference_at: datetime
    timestamped: bool
    stamping: str
    stamp: str | None = None
    certificates: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    revocation: RevocationKept = RevocationKept()
    stamp_revocation: RevocationKept | None = None

    def frozen(self) -> tuple[str, ...]:
        """The hashes of all that is frozen for this proof, each once."""
        kept = [*self.certificates, *self.anchors, *self.lists(), *self.answers()]
        return tuple(dict.fromkeys([*kept, self.stamp] if self.stamp is not None else kept))

    def lists(self) -> list[str]:
        """The hashes of the revocation lists, the signer's and the stamping authority's."""
        return [one.sha256 for kept in self._kept() for one in kept.lists]

    def answers(self) -> list[str]:
        """The hashes of the OCSP answers."""
        return [kept.ocsp for kept in self._kept() if kept.ocsp is not None]

    def _kept(self) -> list[RevocationKept]:
        return [one for one in (self.revocation, self.stamp_revocation) if one is not None]


class Proof(msgspec.Struct, frozen=True):
    """What proves who signed which bytes, as of when it was verified.

    `manifest` is the JSON of a Manifest, `seal` binds it to the rest under the service's key.
    """

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
    manifest: bytes | None = None
    seal: bytes | None = None

    def sealed_text(self) -> bytes:
        """What the seal covers: every column of the row, the long ones by their hash."""
        return msgspec.json.encode(
            [
                "evidence/1",
                self.operation,
                hashlib.sha256(self.document).digest(),
                hashlib.sha256(self.signature).digest(),
                self.signer,
                self.signer_bin,
                self.signer_roles,
                self.certificate_serial,
                self.algorithm,
                self.result,
                self.verified_at,
                self.manifest,
            ],
            order="deterministic",
        )


class Evidence(msgspec.Struct, frozen=True):
    """A stored proof."""

    evidence_id: UUID
    operation: str
    document: bytes
    signature: bytes
    signer_bin: str | None
    signer_roles: tuple[str, ...]
    verified_at: datetime


class StoredProof(msgspec.Struct, frozen=True):
    """A row of the evidence store, as it lies there."""

    evidence_id: UUID
    operation: str
    document: bytes
    document_sha256: bytes
    signature: bytes
    signer: bytes | None
    signer_bin: str | None
    signer_roles: tuple[str, ...]
    certificate_serial: str
    algorithm: str
    result: dict[str, Any]
    verified_at: datetime
    manifest: bytes | None
    seal: bytes | None

    def proof(self) -> Proof:
        """The proof the row was made from."""
        return Proof(
            operation=self.operation,
            document=self.document,
            signature=self.signature,
            signer=self.signer,
            signer_bin=self.signer_bin,
            signer_roles=self.signer_roles,
            certificate_serial=self.certificate_serial,
            algorithm=self.algorithm,
            result=self.result,
            verified_at=self.verified_at,
            manifest=self.manifest,
            seal=self.seal,
        )


class Frozen(msgspec.Struct, frozen=True):
    """Octets a proof rests on."""

    sha256: bytes
    kind: str
    octets: bytes


class Waiting(msgspec.Struct, frozen=True):
    """A signed request that is not decided yet, sealed."""

    operation: str
    signature_sha256: bytes
    sealed: bytes
    tries: int


class EvidenceView(msgspec.Struct, frozen=True, kw_only=True):
    """What a party is told of a proof; the signed bytes themselves are where they were given.

    `timestamped` false: the instant is this service's own record.
    """

    evidence_id: UUID
    operation: str
    document_sha256: str
    signature_sha256: str
    signer_bin: str | None
    signer_roles: tuple[str, ...]
    certificate_serial: str
    algorithm: str
    verified_at: datetime
    reference_at: datetime
    timestamped: bool
    stamping: str
    revocation: RevocationKept


class Standing(StrEnum):
    """How a proof stands when it is verified again from what is stored alone.

    VALID: a time stamp proves when it was signed, and then everything held. UNSTAMPED: everything
    held at the recorded instant, which no third party attests. REVOCATION_NOT_KEPT: signature and
    chain hold, but nothing frozen tells of revocation. INVALID: it does not hold.
    """

    VALID = "VALID"
    UNSTAMPED = "UNSTAMPED"
    REVOCATION_NOT_KEPT = "REVOCATION_NOT_KEPT"
    INVALID = "INVALID"


class Reverification(msgspec.Struct, frozen=True, kw_only=True):
    """A proof verified again, offline. `code` is the verifier's (CONTRACT, `ecp verify`).

    `anchors_trusted_now` tells whether the anchors it was believed by are trusted still.
    """

    evidence_id: UUID
    operation: str
    standing: Standing
    code: str
    document_sha256: str
    reference_at: datetime
    timestamped: bool
    revocation: str
    revocation_source: str | None
    sealed: bool
    anchors_trusted_now: bool
    checked_at: datetime
