"""Trust anchors (RFC 5914 in spirit: a name, a public key, a fingerprint, a validity).

`prod` and `test` are tables of this repository and never mix; a directory makes a store of its own.
"""

import base64
import binascii
import contextlib
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from importlib import resources
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.signing.certificate import x509
from backend.signing.certificate.profile import COMMON_NAME
from backend.signing.certificate.x509 import KEY_CERT_SIGN, Certificate
from backend.signing.der.reader import Malformed

TABLES = ("prod", "test")
MAX_FILES = 10_000
_PEM = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(.*?)-----END", re.DOTALL)


class TrustAnchor(Struct, frozen=True, kw_only=True):
    """One key we believe. `may_issue` is False for an anchor that is no certification centre."""

    name: str
    subject: bytes
    issuer: bytes
    spki: bytes
    sha256: str
    not_before: datetime
    not_after: datetime
    subject_key_id: bytes | None = None
    authority_key_id: bytes | None = None
    path_length: int | None = None
    may_issue: bool = True

    def valid_at(self, at: datetime) -> bool:
        """Does `at` lie within the validity, both ends included?"""
        return self.not_before <= at <= self.not_after


def anchor_of(certificate: Certificate) -> TrustAnchor:
    """The anchor a certificate makes when somebody decides to trust it."""
    usage = certificate.key_usage
    return TrustAnchor(
        name=certificate.attribute(COMMON_NAME) or certificate.sha256[:16],
        subject=certificate.subject,
        issuer=certificate.issuer,
        spki=certificate.spki,
        sha256=certificate.sha256,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        subject_key_id=certificate.subject_key_id,
        authority_key_id=certificate.authority_key_id,
        path_length=certificate.path_length,
        may_issue=certificate.is_ca and (usage is None or KEY_CERT_SIGN in usage),
    )


class TrustStore:
    """An immutable set of anchors, found by name and by fingerprint."""

    def __init__(self, name: str, anchors: Iterable[TrustAnchor]) -> None:
        self.name = name
        self.by_sha256 = {anchor.sha256: anchor for anchor in anchors}
        self.by_subject: dict[bytes, list[TrustAnchor]] = defaultdict(list)
        for anchor in self.by_sha256.values():
            self.by_subject[anchor.subject].append(anchor)

    @property
    def anchors(self) -> tuple[TrustAnchor, ...]:
        """All anchors."""
        return tuple(self.by_sha256.values())

    def issuers_of(self, issuer: bytes, key_id: bytes | None) -> list[TrustAnchor]:
        """The anchors of that name whose key id, where both are known, is the wanted one."""
        return [
            anchor
            for anchor in self.by_subject.get(issuer, ())
            if key_id is None or anchor.subject_key_id in (None, key_id)
        ]

    @classmethod
    def load(cls, source: "str | Path") -> "TrustStore":
        """`prod`, `test`, or a directory or file of certificates.

        Raises OSError when the path cannot be read, ValueError when it is none or has too many files.
        """
        if not str(source):
            raise ValueError("no name")
        if source in TABLES:
            return _table(str(source))
        return _loaded(Path(source), _stamp(Path(source)))


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a store's files change: names, times, sizes."""
    files = _files(path) if path.is_dir() else [path]
    stats = ((str(file), file.stat()) for file in files)
    return tuple((name, found.st_mtime_ns, found.st_size) for name, found in stats)


@lru_cache(maxsize=8)
def _loaded(path: Path, _: tuple[tuple[str, int, int], ...]) -> TrustStore:
    return TrustStore(str(path), map(anchor_of, certificates_in(path)))


@lru_cache(maxsize=2)
def _table(name: str) -> TrustStore:
    raw = resources.files("backend.signing.trust").joinpath(f"{name}.json").read_bytes()
    return TrustStore(name, msgspec.json.decode(raw, type=list[TrustAnchor]))


def certificates_in(path: Path) -> list[Certificate]:
    """Every certificate in a file, or in the files of a directory; other files are passed over."""
    if not path.is_dir():
        return read_certificates(path.read_bytes())
    found: list[Certificate] = []
    for file in _files(path):
        if file.stat().st_size <= 16 * x509.MAX_BYTES:
            found += read_certificates(file.read_bytes())
    return found


def _files(folder: Path) -> list[Path]:
    """The files beneath a directory, links that lead nowhere passed over. Raises Malformed for too many."""
    found = list(islice(folder.rglob("*"), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        raise Malformed("too many files for a trust store")
    return sorted(file for file in found if file.is_file())


def read_certificates(raw: bytes) -> list[Certificate]:
    """The certificates in DER, PEM or bare base64; what is none is passed over."""
    if raw[:1] == b"\x30":
        return _certificate(raw)
    found: list[Certificate] = []
    for block in _PEM.findall(raw) or [raw]:
        with contextlib.suppress(binascii.Error):
            found += _certificate(base64.b64decode(b"".join(block.split()), validate=True))
    return found


def _certificate(raw: bytes) -> list[Certificate]:
    try:
        return [x509.parse(raw)]
    except Malformed:
        return []
