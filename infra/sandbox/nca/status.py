"""What the centre says of a certificate's status: CRL (RFC 5280 §5) and OCSP (RFC 6960)."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from backend.signing.algorithm import oids
from backend.signing.cms.build import signature_identifier
from backend.signing.der import reader, writer
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.nca.profile import extension

_CRL_NUMBER, _REASON, _AUTHORITY_KEY_ID = "2.5.29.20", "2.5.29.21", "2.5.29.35"
_DELTA_INDICATOR = "2.5.29.27"
_BASIC_RESPONSE, _NONCE = "1.3.6.1.5.5.7.48.1.1", "1.3.6.1.5.5.7.48.1.2"
_HASHES: dict[str, Callable[[bytes], bytes]] = {
    oids.SHA1: lambda data: hashlib.sha1(data).digest(),
    oids.SHA256: lambda data: hashlib.sha256(data).digest(),
}


class Revoked(NamedTuple):
    """When a certificate was revoked, and the CRLReason."""

    at: datetime
    reason: int


def crl(
    issuer: KeyPair,
    revoked: Mapping[int, Revoked],
    this_update: datetime,
    next_update: datetime | None,
    number: int,
    base: int | None = None,
) -> bytes:
    """A CRL in DER; with `base`, a delta CRL to that base number."""
    algorithm = signature_identifier(issuer.algorithm)
    entries = [
        writer.sequence(
            writer.integer(serial),
            writer.time(found.at),
            writer.sequence(extension(_REASON, writer.integer(found.reason, reader.ENUMERATED))),
        )
        for serial, found in sorted(revoked.items())
    ]
    key_id = issuer.certificate.subject_key_id or b""
    extensions = [
        extension(_CRL_NUMBER, writer.integer(number)),
        extension(_AUTHORITY_KEY_ID, writer.sequence(writer.implicit(0, key_id))),
    ]
    if base is not None:
        extensions.append(extension(_DELTA_INDICATOR, writer.integer(base), critical=True))
    tbs = writer.sequence(
        writer.integer(1),
        algorithm,
        issuer.certificate.subject,
        writer.time(this_update),
        writer.time(next_update) if next_update else b"",
        writer.sequence(*entries) if entries else b"",
        writer.explicit(0, writer.sequence(*extensions)),
    )
    return writer.sequence(tbs, algorithm, writer.bit_string(issuer.key.sign(tbs)))


class Asked(NamedTuple):
    """One CertID of a request: its DER and what it names."""

    raw: bytes
    hash_oid: str
    name_hash: bytes
    key_hash: bytes
    serial: int


def read_request(raw: bytes) -> tuple[list[Asked], bytes | None]:
    """The CertIDs of an OCSP request and its nonce extension. Raises Malformed."""
    fields = reader.read(raw).expect(reader.SEQUENCE).children()[0].children()
    asked, nonce = [], None
    for field in fields:
        if field.tag == reader.SEQUENCE:
            for request in field.children():
                cert_id = request.children()[0]
                algorithm, name_hash, key_hash, serial = cert_id.children()
                asked.append(
                    Asked(
                        cert_id.raw,
                        algorithm.children()[0].oid(),
                        name_hash.content,
                        key_hash.content,
                        serial.integer(),
                    )
                )
        elif field.tag == 0xA2:
            for found in field.inside(reader.SEQUENCE).children():
                if found.children()[0].oid() == _NONCE:
                    nonce = found.raw
    return asked, nonce


def names_issuer(asked: Asked, issuer: KeyPair) -> bool:
    """Does the CertID name this issuer?"""
    digest = _HASHES.get(asked.hash_oid)
    key = reader.read(issuer.certificate.spki).children()[1].bits()
    return (
        digest is not None
        and asked.name_hash == digest(issuer.certificate.subject)
        and asked.key_hash == digest(key)
    )


def request(issuer_subject: bytes, issuer_spki: bytes, serial: int, nonce: bytes) -> bytes:
    """An OCSP request with a SHA-256 CertID and a nonce (ECP.md §1.6)."""
    key = reader.read(issuer_spki).children()[1].bits()
    cert_id = writer.sequence(
        writer.sequence(writer.oid(oids.SHA256), writer.null()),
        writer.octet_string(hashlib.sha256(issuer_subject).digest()),
        writer.octet_string(hashlib.sha256(key).digest()),
        writer.integer(serial),
    )
    wrapped = writer.explicit(2, writer.sequence(extension(_NONCE, writer.octet_string(nonce))))
    return writer.sequence(writer.sequence(writer.sequence(writer.sequence(cert_id)), wrapped))


def failure(status: int) -> bytes:
    """An OCSP answer without a body: 1 malformed, 2 internal error, 3 try later, 6 unauthorised."""
    return writer.sequence(writer.integer(status, reader.ENUMERATED))


def response(
    responder: KeyPair,
    answers: Iterable[tuple[Asked, Revoked | str | None]],
    now: datetime,
    nonce: bytes | None,
) -> bytes:
    """A basic OCSP response: thisUpdate = producedAt = now, no nextUpdate, as the NCA's."""
    singles = [
        writer.sequence(asked.raw, _status(found), writer.generalized_time(now))
        for asked, found in answers
    ]
    extensions = writer.explicit(1, writer.sequence(nonce)) if nonce else b""
    tbs = writer.sequence(
        writer.explicit(1, responder.certificate.subject),
        writer.generalized_time(now),
        writer.sequence(*singles),
        extensions,
    )
    basic = writer.sequence(
        tbs,
        signature_identifier(responder.algorithm),
        writer.bit_string(responder.key.sign(tbs)),
        writer.explicit(0, writer.sequence(responder.certificate_der)),
    )
    body = writer.sequence(writer.oid(_BASIC_RESPONSE), writer.octet_string(basic))
    return writer.sequence(writer.integer(0, reader.ENUMERATED), writer.explicit(0, body))


def _status(found: Revoked | str | None) -> bytes:
    if found is None:
        return writer.implicit(0, b"")
    if isinstance(found, Revoked):
        reason = writer.explicit(0, writer.integer(found.reason, reader.ENUMERATED))
        return writer.explicit(1, writer.generalized_time(found.at) + reason)
    return writer.implicit(2, b"")
