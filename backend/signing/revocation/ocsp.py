"""OCSP answers (RFC 6960): of the issuer, or of a responder it delegated.

The NCA's answers have no nextUpdate: they are fresh for five minutes (ECP.md §3.5).
"""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from backend.signing.algorithm import backend, oids
from backend.signing.certificate import x509
from backend.signing.certificate.profile import OCSP_SIGNING
from backend.signing.certificate.x509 import DIGITAL_SIGNATURE, Certificate
from backend.signing.der import reader, writer
from backend.signing.der.reader import Element, Malformed
from backend.signing.model import Revocation
from backend.signing.trust.path import Issuer, is_signed_by

MAX_BYTES = 1024 * 1024
FRESH_FOR = timedelta(minutes=5)
_BASIC, NONCE = "1.3.6.1.5.5.7.48.1.1", "1.3.6.1.5.5.7.48.1.2"
ON_HOLD = 6  # CRLReason certificateHold (RFC 5280 §5.3.1): the one that may be taken back
_HASHES: dict[str, Callable[[bytes], bytes]] = {
    # SHA-1 only names the certificate here (RFC 6960 §4.1.1); the answer's signature carries trust
    oids.SHA1: lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    **backend.NAMING,
}
_GOOD, _REVOKED, _UNKNOWN = 0x80, 0xA1, 0x82
_REFUSALS = {  # RFC 6960 §4.2.1
    1: "MALFORMED_REQUEST", 2: "INTERNAL_ERROR", 3: "TRY_LATER", 5: "SIG_REQUIRED",
    6: "UNAUTHORIZED",
}  # fmt: skip


class Single(Struct, frozen=True, kw_only=True):
    """The answer on one certificate."""

    hash_oid: str
    name_hash: bytes
    key_hash: bytes
    serial: int
    status: Literal["good", "revoked", "unknown"]
    revoked_at: datetime | None
    reason: int | None
    this_update: datetime
    next_update: datetime | None

    def concerns(self, leaf: Certificate, issuer: Issuer) -> bool:
        """Is this the answer on `leaf`?"""
        digest = _HASHES.get(self.hash_oid)
        return (
            digest is not None
            and self.serial == leaf.serial
            and self.name_hash == digest(issuer.subject)
            and self.key_hash == digest(_key_octets(issuer.spki))
        )

    def fresh_at(self, at: datetime) -> bool:
        """Not stale at `at`; an answer given later than `at` is fresh."""
        return at <= (self.next_update or self.this_update + FRESH_FOR)


class Answer(Struct, frozen=True, kw_only=True):
    """A successful basic response, unjudged."""

    tbs: bytes
    signature_oid: str
    signature: bytes
    responder_name: bytes | None
    responder_key: bytes | None
    produced_at: datetime
    singles: tuple[Single, ...]
    certificates: tuple[Certificate, ...]
    nonce: bytes | None = None

    def signed_for(self, issuer: Issuer) -> bool:
        """Did the issuer, or a responder it certified for OCSP, sign this?"""
        algorithm = backend.SIGNATURE_OIDS.get(self.signature_oid)
        if algorithm is None:
            return False
        keys = [issuer.spki] if self._is_responder(issuer.subject, issuer.spki) else []
        keys += [
            certificate.spki
            for certificate in self.certificates
            if self._is_responder(certificate.subject, certificate.spki)
            and self._delegated(certificate, issuer)
        ]
        return any(backend.verify(key, algorithm, self.tbs, self.signature) for key in keys)

    def _is_responder(self, name: bytes, spki: bytes) -> bool:
        if self.responder_name is not None:
            return self.responder_name == name
        return self.responder_key == _HASHES[oids.SHA1](_key_octets(spki))

    def _delegated(self, certificate: Certificate, issuer: Issuer) -> bool:
        """RFC 6960 §4.2.2.2: issued by the same centre, for OCSP, in force when it answered."""
        return (
            certificate.issuer == issuer.subject
            and OCSP_SIGNING in certificate.extended_key_usage
            and (certificate.key_usage is None or DIGITAL_SIGNATURE in certificate.key_usage)
            and not certificate.critical_unknown
            and certificate.valid_at(self.produced_at)
            and is_signed_by(certificate, issuer.spki)
        )


def request(leaf: Certificate, issuer: Issuer, nonce: bytes) -> bytes:
    """An OCSP request with a SHA-256 CertID and a nonce (ECP.md §1.6, RFC 8954)."""
    digest = _HASHES[oids.SHA256]
    cert_id = writer.sequence(
        writer.sequence(writer.oid(oids.SHA256), writer.null()),
        writer.octet_string(digest(issuer.subject)),
        writer.octet_string(digest(_key_octets(issuer.spki))),
        writer.integer(leaf.serial),
    )
    extension = writer.sequence(writer.oid(NONCE), writer.octet_string(writer.octet_string(nonce)))
    wanted = writer.sequence(writer.sequence(cert_id))
    return writer.sequence(writer.sequence(wanted, writer.explicit(2, writer.sequence(extension))))


def refusal(raw: bytes) -> str | None:
    """Why a responder gives no answer ("TRY_LATER"), or None when this is no refusal of one."""
    try:
        parts = reader.read(raw).expect(reader.SEQUENCE).children()
        number = parts[0].integer(reader.ENUMERATED) if len(parts) == 1 else 0
    except (Malformed, ValueError, IndexError):
        return None
    return _REFUSALS.get(number)


def parse(raw: bytes) -> Answer:
    """The basic response in DER. Raises Malformed, also for "try later" and other failures."""
    if len(raw) > MAX_BYTES:
        raise Malformed("the OCSP answer is too large")
    parts = reader.read(raw).expect(reader.SEQUENCE).children()
    if len(parts) != 2 or parts[0].integer(reader.ENUMERATED) != 0:
        raise Malformed("not a successful OCSP answer")
    wrapped = parts[1].expect(0xA0).inside(reader.SEQUENCE).children()
    if len(wrapped) != 2 or wrapped[0].oid() != _BASIC:
        raise Malformed("not a basic OCSP answer")
    basic = reader.read(wrapped[1].octets()).expect(reader.SEQUENCE).children()
    if not 3 <= len(basic) <= 4:
        raise Malformed("not a basic OCSP answer")
    certificates: tuple[Certificate, ...] = ()
    if len(basic) == 4:
        held = basic[3].expect(0xA0).inside(reader.SEQUENCE).children()
        certificates = tuple(x509.parse(one.raw) for one in held[:16])
    fields = basic[0].expect(reader.SEQUENCE).children()
    if fields and fields[0].tag == 0xA0:
        fields.pop(0)
    if len(fields) < 3:
        raise Malformed("an OCSP answer lacks its fields")
    responder, produced, singles = fields[:3]
    by_name = responder.tag == 0xA1
    return Answer(
        tbs=basic[0].raw, signature_oid=x509.algorithm_oid(basic[1]), signature=basic[2].bits(),
        responder_name=responder.inside(reader.SEQUENCE).raw if by_name else None,
        responder_key=None if by_name else responder.expect(0xA2).inside(reader.OCTET_STRING).octets(),
        produced_at=produced.time(),
        singles=tuple(map(_single, singles.expect(reader.SEQUENCE).children())),
        certificates=certificates,
        nonce=_nonce(fields[3:]),
    )  # fmt: skip


def _nonce(rest: list[Element]) -> bytes | None:
    """The nonce among the extensions of an answer: an OCTET STRING, by elder responders bare."""
    if not rest or rest[0].tag != 0xA1:
        return None
    found = x509.read_extensions(rest[0].inside(reader.SEQUENCE)).get(NONCE)
    if found is None:
        return None
    try:
        return reader.read(found[1]).octets()
    except Malformed:
        return found[1]


def _single(element: Element) -> Single:
    fields = element.expect(reader.SEQUENCE).children()
    if len(fields) < 3:
        raise Malformed("not a single OCSP answer")
    cert_id = fields[0].expect(reader.SEQUENCE).children()
    if len(cert_id) != 4:
        raise Malformed("not a CertID")
    status: Literal["good", "revoked", "unknown"] = "unknown"
    revoked_at = reason = None
    if fields[1].tag == _GOOD and not fields[1].content:
        status = "good"
    elif fields[1].tag == _REVOKED:
        details = fields[1].children()
        status, revoked_at = "revoked", fields[1].first().time()
        if len(details) > 1:
            reason = details[1].expect(0xA0).inside(reader.ENUMERATED).integer(reader.ENUMERATED)
    elif fields[1].tag != _UNKNOWN:
        raise Malformed("not a certificate status")
    next_update = fields[3].inside(reader.GENERALIZED_TIME).time() if _has_next(fields) else None
    return Single(
        hash_oid=x509.algorithm_oid(cert_id[0]),
        name_hash=cert_id[1].octets(), key_hash=cert_id[2].octets(), serial=cert_id[3].integer(),
        status=status, revoked_at=revoked_at, reason=reason,
        this_update=fields[2].time(), next_update=next_update,
    )  # fmt: skip


def _has_next(fields: list[Element]) -> bool:
    return len(fields) > 3 and fields[3].tag == 0xA0


def _key_octets(spki: bytes) -> bytes:
    return reader.read(spki).exactly(2)[1].bits()


def status(answers: list[Answer], leaf: Certificate, issuer: Issuer, at: datetime) -> Revocation:
    """What answers signed for the issuer say of `leaf` at `at`; a revocation counts from its date on."""
    found = Revocation()
    for answer in answers:
        for single in answer.singles:
            if not single.concerns(leaf, issuer) or not single.fresh_at(at):
                continue
            if single.status == "revoked":
                if single.revoked_at is not None and single.revoked_at <= at:
                    return Revocation("revoked", "ocsp", single.revoked_at, single.reason)
                found = Revocation("good", "ocsp", single.revoked_at, single.reason)
            elif (
                single.status == "good"
                and single.this_update <= leaf.not_after
                and found.since is None
            ):
                found = Revocation("good", "ocsp")
    return found
