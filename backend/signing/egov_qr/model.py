"""Packages of documents signed with eGov Mobile by QR or link, and their documents (ECP.md §4)."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from backend.signing.evidence.model import SignedRequest


class SignMethod(StrEnum):
    """How the app signs. SIGN_BYTES_ARRAY is known and refused: a bare signature proves no time,
    carries no attributes, and no signed command of ours is made of one."""

    XML = "XML"
    CMS_WITH_DATA = "CMS_WITH_DATA"
    CMS_SIGN_ONLY = "CMS_SIGN_ONLY"
    MIX_SIGN = "MIX_SIGN"
    SIGN_BYTES_ARRAY = "SIGN_BYTES_ARRAY"


class AuthType(StrEnum):
    """How the app proves that it may read the documents."""

    TOKEN = "Token"  # noqa: S105  (the protocol's word)
    NONE = "None"
    EDS = "Eds"


class Purpose(StrEnum):
    """What a package is for."""

    OPERATION = "operation"
    LOGIN = "login"


class Status(StrEnum):
    """Where a package stands; the last three are for ever."""

    PENDING = "PENDING"
    OPENED = "OPENED"
    SIGNED = "SIGNED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"


OVER = frozenset({Status.SIGNED, Status.REFUSED, Status.EXPIRED})


class Name(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name in the three languages; the phone shows the one of its own."""

    kk: str
    ru: str
    en: str


class Meta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line the app shows beside a document."""

    name: str
    value: str


class NewDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A document to be signed: `content` is base64 of its bytes (of XML in UTF-8 for XML).

    `sign_method` is given per document in a package of MIX_SIGN and nowhere else.
    """

    name: Name
    content: str
    mime: str = ""
    sign_method: SignMethod | None = None
    meta: tuple[Meta, ...] = ()


class NewPackage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Documents to be signed together. `roles` are the certificate roles that may sign them.

    With `operation`, each document is JSON whose "operation" is exactly that.
    """

    description: Name
    sign_method: SignMethod
    documents: tuple[NewDocument, ...]
    auth_type: AuthType = AuthType.TOKEN
    operation: str | None = None
    roles: tuple[str, ...] = ("head", "signatory")


class PackageRow(msgspec.Struct, frozen=True):
    """A stored package."""

    package_id: UUID
    purpose: Purpose
    operation: str | None
    auth_type: AuthType
    sign_method: SignMethod
    description: Name
    bin: str | None
    signer: bytes | None
    roles: tuple[str, ...]
    challenge_id: UUID | None
    token_sha256: bytes | None
    watch_sha256: bytes | None
    status: Status
    expires_at: datetime
    refusals: int
    last_refusal: str | None
    eds_signer: bytes | None


class DocumentRow(msgspec.Struct, frozen=True):
    """A stored document; `number` counts from 1 and is the protocol's `id`."""

    number: int
    sign_method: SignMethod
    name: Name
    meta: tuple[Meta, ...]
    mime: str
    content: bytes


class SignatureRow(msgspec.Struct, frozen=True):
    """A signed document of a package, as the evidence keeps it."""

    number: int
    sign_method: SignMethod
    evidence_id: UUID
    document: bytes
    signature: bytes


class Links(msgspec.Struct, frozen=True):
    """How a phone that shows this page itself opens the package: by app."""

    egov_mobile: str
    egov_business: str
    direct: str


class PackageState(msgspec.Struct, frozen=True):
    """What the waiting page is told. `last_refusal` is the code of the last refused attempt."""

    package_id: UUID
    status: Status
    expires_at: datetime
    last_refusal: str | None = None


class PackageOffered(msgspec.Struct, frozen=True):
    """A package waiting to be signed: show `qr_svg`, or `links` on the phone itself.

    `watch_token` is given to a guest who signs in: the bearer token that follows this package.
    """

    package_id: UUID
    status: Status
    expires_at: datetime
    qr_text: str
    qr_svg: str
    links: Links
    watch_token: str | None = None


class SignedDocument(msgspec.Struct, frozen=True):
    """A signed document: `request` is ready for the operation it serves; XML stands in `xml`."""

    id: int
    evidence_id: UUID
    request: SignedRequest | None = None
    xml: str | None = None


class SignedPackage(msgspec.Struct, frozen=True):
    """What was signed. For a login, `challenge_id` and `signature` are the body of the sign-in."""

    package_id: UUID
    purpose: Purpose
    operation: str | None
    documents: list[SignedDocument]
    challenge_id: UUID | None = None
    signature: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """What the app is told: one message in its language."""

    message: str


Json = dict[str, Any]
