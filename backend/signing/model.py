"""What a verified signature tells: the answer of `saqtau ecp verify` and of everyone who asks."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Code(StrEnum):
    """Why a signature is not accepted. The order is the contract's: the first that applies wins."""

    MALFORMED = "MALFORMED"
    CONTENT_MISSING = "CONTENT_MISSING"
    UNSUPPORTED_ALGORITHM = "UNSUPPORTED_ALGORITHM"
    DIGEST_MISMATCH = "DIGEST_MISMATCH"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    UNTRUSTED_CHAIN = "UNTRUSTED_CHAIN"
    EXPIRED = "EXPIRED"
    WRONG_KEY_USAGE = "WRONG_KEY_USAGE"
    WRONG_ROLE = "WRONG_ROLE"
    REVOKED = "REVOKED"
    REVOCATION_UNKNOWN = "REVOCATION_UNKNOWN"
    OK = "OK"


class Role(StrEnum):
    """What a certificate says its holder may do (ECP.md §1.3)."""

    INDIVIDUAL = "individual"
    LEGAL_ENTITY = "legal_entity"
    HEAD = "head"
    SIGNATORY = "signatory"
    FINANCE = "finance"
    HR = "hr"
    EMPLOYEE = "employee"
    INFORMATION_SYSTEM = "information_system"
    TREASURY_CLIENT = "treasury_client"


Format = Literal["cms-attached", "cms-detached", "xmldsig", "wsse"]


class Revocation(Struct, frozen=True):
    """What is known of a certificate's revocation, and from which kind of source.

    A revocation counts from `since` on: of one that came after the instant asked about, `status` is
    good and `since` is told nevertheless, with its CRLReason where one is stated.
    """

    status: Literal["good", "revoked", "unknown"] = "unknown"
    source: Literal["crl", "ocsp"] | None = None
    since: datetime | None = None
    reason: int | None = None


class CertPath(Struct, frozen=True, kw_only=True):
    """The path a certificate was believed by: its own DER first, then its issuers' in the document.

    `anchors` are the SHA-256 fingerprints of the anchors above, up to the root the store knows.
    """

    certificates: tuple[bytes, ...]
    anchors: tuple[str, ...]
    issuer_subject: bytes
    issuer_spki: bytes
    issuer_key_id: bytes | None = None


class ListUsed(Struct, frozen=True, kw_only=True):
    """A revocation list that had a say, named so that it can be found again."""

    sha256: str
    issuer_sha256: str
    number: int | None
    base_number: int | None
    this_update: datetime


class Grounds(Struct, frozen=True, kw_only=True):
    """How a revocation status was decided: whom we asked, in order, what each said, and the proof.

    `asked` holds pairs of a source and its answer, such as ("ocsp", "TIMEOUT"), ("crl", "good");
    `raw_lists` are the bytes of `lists`, in that order; `took_s` what the asking took, in seconds.
    """

    asked: tuple[tuple[str, str], ...] = ()
    ocsp: bytes | None = None
    lists: tuple[ListUsed, ...] = ()
    raw_lists: tuple[bytes, ...] = ()
    took_s: float = 0.0


class StampUsed(Struct, frozen=True, kw_only=True):
    """The time stamp a signer was judged by: its authority's path, and whether that was revoked."""

    at: datetime
    path: CertPath
    revocation: Revocation = Revocation()
    grounds: Grounds | None = None


class SignerInfo(Struct, frozen=True, kw_only=True):
    """One signer of a document. Only what is `valid` may be believed.

    `certificate` is the DER of the signer's certificate as it stood in the document, `signature`
    the signature's octets, `path` and `grounds` why both were believed, `stamp` whose time counts;
    these are evidence, not part of the contract's JSON.
    """

    valid: bool
    code: Code
    algorithm: str | None = None
    iin: str | None = None
    bin: str | None = None
    common_name: str | None = None
    organisation: str | None = None
    roles: tuple[Role, ...] = ()
    signed_at: datetime | None = None
    timestamped: bool = False
    serial: str | None = None
    chain: tuple[str, ...] = ()
    revocation: Revocation = Revocation()
    certificate: bytes = b""
    signature: bytes = b""
    path: CertPath | None = None
    grounds: Grounds | None = None
    stamp: StampUsed | None = None


class Verification(Struct, frozen=True, kw_only=True):
    """The answer over a whole document: valid only if every signer is.

    `content` is exactly what was signed, and present only when the document is valid: nothing else
    may be read by whoever acts on it.
    """

    valid: bool
    code: Code
    format: Format | None = None
    signers: tuple[SignerInfo, ...] = ()
    content: bytes | None = None

    def refused(self) -> bool:
        """True when the document must not be acted on."""
        return not self.valid


CODE_ORDER = {code: place for place, code in enumerate(Code)}


def first_code(codes: "list[Code] | tuple[Code, ...]") -> Code:
    """The code that comes first in the contract's order; OK for none."""
    return min(codes, key=CODE_ORDER.__getitem__, default=Code.OK)
