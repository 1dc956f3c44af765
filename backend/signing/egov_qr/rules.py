"""What may be offered, who may see it, and what a signed login XML must say. Pure."""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from backend.kernel import strict_json
from backend.kernel.actor import Actor
from backend.signing.certificate import x509
from backend.signing.certificate.profile import CLIENT_AUTH, holder_of
from backend.signing.der.reader import Malformed
from backend.signing.egov_qr.errors import (
    LoginXmlWrong,
    MethodNotSupported,
    PackageBad,
    PackageExpired,
    PackageOver,
)
from backend.signing.egov_qr.model import (
    OVER,
    DocumentRow,
    Name,
    NewDocument,
    NewPackage,
    PackageRow,
    Purpose,
    SignMethod,
    Status,
)
from backend.signing.model import Code, Role, SignerInfo, Verification
from backend.signing.xml import c14n, tree
from backend.signing.xml.reference import DS

LIFE = timedelta(minutes=10)  # ours: long enough to read, too short to be forgotten open
KEPT = timedelta(days=1)  # how long what was signed can be fetched; the evidence stays for ever
EDS_WINDOW = timedelta(minutes=5)  # as a login challenge (ECP.md §3.5); §7 leaves it open
DOCUMENTS_MAX = 20
CONTENT_MAX = 4 * 1024 * 1024  # bytes in one package: twice through base64 it still fits a request
REFUSALS_MAX = 5  # after so many refused attempts the package is withdrawn
SIGNING_ROLES = frozenset({Role.HEAD, Role.SIGNATORY, Role.FINANCE, Role.EMPLOYEE})
_NAME_MAX, _META_MAX = 300, 20
_OPERATION = re.compile(r"[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39}){1,3}")
_MIME = re.compile(r"(@?[a-z]{1,20}/[a-z0-9.+-]{1,80})?")
_METHODS = frozenset({SignMethod.XML, SignMethod.CMS_WITH_DATA, SignMethod.CMS_SIGN_ONLY})


def require_package(package: NewPackage) -> list[DocumentRow]:
    """The documents of a new package, read. Raises PackageBad, MethodNotSupported."""
    _require_name(package.description, "description")
    if not 1 <= len(package.documents) <= DOCUMENTS_MAX:
        raise _bad("documents", f"1 to {DOCUMENTS_MAX} documents")
    if not package.roles or not set(package.roles) <= {r.value for r in SIGNING_ROLES}:
        raise _bad("roles", "roles of people who sign")
    if package.operation is not None and not _OPERATION.fullmatch(package.operation):
        raise _bad("operation", "not an operation's name")
    rows = [
        _require_document(package, document, number)
        for number, document in enumerate(package.documents, start=1)
    ]
    if len({row.content for row in rows}) != len(rows):
        raise _bad("documents", "the same document twice")
    if sum(len(row.content) for row in rows) > CONTENT_MAX:
        raise _bad("documents", f"more than {CONTENT_MAX} bytes together")
    return rows


def _bad(path: str, detail: str) -> PackageBad:
    return PackageBad(path=path, detail=detail)


def _require_name(name: Name, path: str) -> None:
    for language in ("kk", "ru", "en"):
        if not 1 <= len(getattr(name, language).strip()) <= _NAME_MAX:
            raise _bad(f"{path}.{language}", f"1 to {_NAME_MAX} characters")


def _require_document(package: NewPackage, document: NewDocument, number: int) -> DocumentRow:
    path = f"documents[{number - 1}]"
    method = _method(package.sign_method, document.sign_method, path)
    _require_name(document.name, f"{path}.name")
    if not _MIME.fullmatch(document.mime):
        raise _bad(f"{path}.mime", "not a media type")
    if len(document.meta) > _META_MAX:
        raise _bad(f"{path}.meta", f"more than {_META_MAX} lines")
    for i, line in enumerate(document.meta):
        if not (1 <= len(line.name) <= _NAME_MAX and len(line.value) <= _NAME_MAX):
            raise _bad(f"{path}.meta[{i}]", f"1 to {_NAME_MAX} characters")
    try:
        content = base64.b64decode(document.content, validate=True)
    except (binascii.Error, ValueError):
        raise _bad(f"{path}.content", "not base64") from None
    if not 1 <= len(content) <= CONTENT_MAX:
        raise _bad(f"{path}.content", f"1 to {CONTENT_MAX} bytes")
    if method is SignMethod.XML:
        _require_xml(content, f"{path}.content")
    elif package.operation is not None:
        _require_operation(content, package.operation, f"{path}.content")
    return DocumentRow(number, method, document.name, document.meta, document.mime, content)


def _method(package: SignMethod, document: SignMethod | None, path: str) -> SignMethod:
    if SignMethod.SIGN_BYTES_ARRAY in (package, document):
        raise MethodNotSupported(path="sign_method")
    if package is not SignMethod.MIX_SIGN:
        if document is not None:
            raise _bad(f"{path}.sign_method", "given per document in MIX_SIGN only")
        return package
    if document not in _METHODS:
        raise _bad(f"{path}.sign_method", "MIX_SIGN needs a method for each document")
    return document


def _require_operation(content: bytes, operation: str, path: str) -> None:
    """The document must name the operation it is offered for, so that nothing else is signed."""
    try:
        document = strict_json.parse(content)
    except (strict_json.NotJson, strict_json.BadJson):
        raise _bad(path, "not the JSON of a signed command") from None
    if not isinstance(document, dict) or document.get("operation") != operation:
        raise _bad(path, "the document serves another operation")


def _require_xml(content: bytes, path: str) -> None:
    try:
        document = tree.parse(content)
        content.decode()
    except (Malformed, ValueError, RecursionError):
        raise _bad(path, "not XML in UTF-8 without DTD") from None
    if b"<!--" in content or any(e.is_a(DS, "Signature") for e in document.root.walk()):
        raise _bad(path, "XML to be signed has no comments and no signatures yet")


def status_at(package: PackageRow, now: datetime) -> Status:
    """Where the package stands at `now`: what nobody signed in time is EXPIRED."""
    if package.status not in OVER and package.expires_at <= now:
        return Status.EXPIRED
    return package.status


def require_open(package: PackageRow, now: datetime) -> None:
    """Raises PackageExpired, PackageOver."""
    status = status_at(package, now)
    if status is Status.EXPIRED:
        raise PackageExpired
    if status in OVER:
        raise PackageOver


def digest(secret: str) -> bytes:
    """Under what a secret is kept: SHA-256 of one too long to be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def is_secret(given: str | None, kept: bytes | None) -> bool:
    """Is `given` the secret whose digest is kept?"""
    return bool(given) and kept is not None and hmac.compare_digest(digest(given or ""), kept)


def may_watch(package: PackageRow, actor: Actor | None, watch_token: str | None) -> bool:
    """Whoever asked for the package: the same person of the same organisation, or that guest."""
    if package.purpose is Purpose.LOGIN:
        return is_secret(watch_token, package.watch_sha256)
    if actor is None or actor.bin is None or actor.signer != package.signer:
        return False
    return package.bin is None if actor.sole else actor.bin == package.bin


def canonical_forms(xml: bytes) -> frozenset[bytes]:
    """Every octet string a sound XMLDSig over exactly this document can cover (ECP.md §3.3)."""
    document = tree.parse(xml)
    return frozenset(
        octets
        for exclusive in (False, True)
        for octets in (
            c14n.of_document(document, exclusive=exclusive),
            c14n.of_element(document.root, exclusive=exclusive),
        )
    )


def require_login_xml(xml: bytes, uri: str, now: datetime) -> None:
    """`<login><url/><timestamp/></login>` for this very address and of this moment.

    `xml` was verified: its one signature covers the root, so what is read here is what was signed.
    Raises LoginXmlWrong.
    """
    try:
        root = tree.parse(xml).root
        said = [e for e in root.elements() if not e.is_a(DS, "Signature")]
        if root.local != "login" or [e.local for e in said] != ["url", "timestamp"]:
            raise LoginXmlWrong(path="xml")
        url, stamp = (e.text().strip() for e in said)
        at = _instant(stamp)
    except (Malformed, ValueError, OverflowError, RecursionError):
        raise LoginXmlWrong(path="xml") from None
    if url != uri:
        raise LoginXmlWrong(path="xml.url")
    if abs(now - at) > EDS_WINDOW:
        raise LoginXmlWrong(path="xml.timestamp")


def authenticated(found: Verification, *, revocation_required: bool) -> SignerInfo | None:
    """Who signed a login XML; None when nobody did who can be believed.

    A signing key proves who one is; so does a key for authentication alone, the RSA era's
    AUTH_RSA256 (clientAuth without nonRepudiation, ECP.md §1.3), which may sign no document: the
    verifier stops at its key usage, after integrity, chain and time, and the rest is judged here.
    """
    if found.format != "xmldsig" or len(found.signers) != 1:
        return None
    signer = found.signers[0]
    if found.valid:
        return signer
    if found.code is not Code.WRONG_KEY_USAGE:
        return None
    certificate = x509.parse(signer.certificate)
    usable = (
        certificate.key_usage is not None
        and x509.DIGITAL_SIGNATURE in certificate.key_usage
        and CLIENT_AUTH in certificate.extended_key_usage
        and not holder_of(certificate).foreign_roles
    )
    known = "good" if revocation_required else signer.revocation.status
    good = signer.revocation.status == known != "revoked"
    return signer if usable and good else None


def _instant(text: str) -> datetime:
    """ISO 8601 with an offset, or milliseconds since 1970. ValueError for anything else."""
    if re.fullmatch(r"[0-9]{13}", text):
        return datetime.fromtimestamp(int(text) / 1000, tz=UTC)
    at = datetime.fromisoformat(text)
    if at.utcoffset() is None:
        raise ValueError("an instant needs an offset")
    return at
