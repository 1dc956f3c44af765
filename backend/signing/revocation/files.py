"""Revocation decided from CRLs and OCSP answers already at hand."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from typing import Protocol, TypeVar

from backend.signing.certificate.x509 import Certificate
from backend.signing.model import Revocation
from backend.signing.revocation import crl, ocsp
from backend.signing.trust.path import Issuer

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)

T = TypeVar("T")


class RevocationSource(Protocol):
    """Something that knows, or says that it does not."""

    def status(self, leaf: Certificate, issuer: Issuer, at: datetime) -> Revocation:
        """The status of `leaf`, issued by `issuer`, at `at`. Never raises."""


class RevocationFiles:
    """CRLs and OCSP answers in DER, PEM or base64. What cannot be read counts as missing."""

    def __init__(self, crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()) -> None:
        self.lists = _read_all(crl.parse, crls)
        self.ocsps = tuple(ocsps)
        self.answers = _read_all(ocsp.parse, self.ocsps)
        # the keys are ids: of lists that live as long as the dictionary does
        self._signed: dict[tuple[int, bytes, bytes], bool] = {}

    @cached_property
    def lists_key(self) -> bytes:
        """Equal for equal lists: what a worker that holds them already is told instead of them."""
        digest = hashlib.sha256()
        for one in self.lists:
            digest.update(len(one.raw).to_bytes(8, "big") + one.raw)
        return digest.digest()

    def with_answers(self, ocsps: Iterable[bytes]) -> "RevocationFiles":
        """The same lists, read and checked but once, beside other OCSP answers."""
        found = RevocationFiles((), ocsps)
        found.lists, found._signed = self.lists, self._signed
        return found

    def status(self, leaf: Certificate, issuer: Issuer, at: datetime) -> Revocation:
        """Revoked when any source says so; else good when any does and all could be read; else unknown."""
        answers = [one for one in self.answers if one.signed_for(issuer)]
        lists = [one for one in self.lists if self._is_signed(one, issuer)]
        found = ocsp.status(answers, leaf, issuer, at)
        try:
            return min(found, crl.status(lists, leaf, at), key=_weight)
        except (ValueError, IndexError):  # an entry that cannot be read: it may be a revocation
            return found if found.status == "revoked" else Revocation()

    def _is_signed(self, one: crl.Crl, issuer: Issuer) -> bool:
        key = (id(one), issuer.subject, issuer.spki)
        if key not in self._signed:
            self._signed[key] = one.signed_by(issuer)
        return self._signed[key]


def _weight(found: Revocation) -> tuple[int, bool]:
    """Revoked before good before unknown; a revocation that is yet to come before none."""
    return ("revoked", "good", "unknown").index(found.status), found.since is None


def _read_all(parse: Callable[[bytes], T], files: Iterable[bytes]) -> list[T]:
    found: list[T] = []
    for raw in files:
        try:
            found.append(parse(_binary(raw)))
        except (ValueError, IndexError):
            continue  # garbage decides nothing: the status stays unknown
    return found


def _binary(raw: bytes) -> bytes:
    if raw[:1] == b"\x30" and raw[1:2] not in (b"", b"0"):
        return raw
    match = _PEM.search(raw)
    return base64.b64decode(b"".join((match[2] if match else raw).split()), validate=True)
