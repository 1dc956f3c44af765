"""Making CMS SignedData, in the structure NCALayer makes (ECP.md §3.2)."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from backend.signing.algorithm import backend
from backend.signing.algorithm.keys import SigningKey
from backend.signing.certificate import x509
from backend.signing.cms import identifiers as ids
from backend.signing.der import writer

_SIGNATURE_OIDS = {name: oid for oid, name in backend.SIGNATURE_OIDS.items()}


class Signer(NamedTuple):
    """Who signs, with which certificate, at what time (whole seconds)."""

    key: SigningKey
    certificate: bytes
    at: datetime


def algorithm_identifier(oid: str) -> bytes:
    """An AlgorithmIdentifier with NULL parameters, as the NCA writes them."""
    return writer.sequence(writer.oid(oid), writer.null())


def signature_identifier(algorithm: str) -> bytes:
    """The AlgorithmIdentifier of a signature; ECDSA has no parameters (RFC 5758 §3.2)."""
    oid = _SIGNATURE_OIDS[algorithm]
    if algorithm == backend.ECDSA:
        return writer.sequence(writer.oid(oid))
    return algorithm_identifier(oid)


def sign(
    document: bytes,
    signers: Sequence[Signer],
    *,
    detached: bool = True,
    certificates: Sequence[bytes] = (),
    content_type: str = ids.DATA,
    stamp: Callable[[bytes], bytes] | None = None,
    signing_time: bool = True,
) -> bytes:
    """CMS SignedData in DER over `document`; `certificates` go in beside the signers' own.

    `stamp` makes an RFC 3161 token over a signature's octets (CAdES-T). PAdES states the time in the
    PDF and forbids `signing_time` here (ETSI EN 319 142-1 §6.3).
    """
    digests = {backend.DIGEST_OIDS[signer.key.algorithm] for signer in signers}
    enclosed = [signer.certificate for signer in signers]
    enclosed += [extra for extra in certificates if extra not in enclosed]
    content = b"" if detached else writer.explicit(0, writer.octet_string(document))
    signed_data = writer.sequence(
        writer.integer(1 if content_type == ids.DATA else 3),
        writer.set_of(map(algorithm_identifier, digests)),
        writer.sequence(writer.oid(content_type), content),
        writer.tlv(0xA0, b"".join(enclosed)),
        writer.set_of(
            _signer_info(document, signer, content_type, stamp, signing_time) for signer in signers
        ),
    )
    return writer.sequence(writer.oid(ids.SIGNED_DATA), writer.explicit(0, signed_data))


def _signer_info(
    document: bytes,
    signer: Signer,
    content_type: str,
    stamp: Callable[[bytes], bytes] | None,
    signing_time: bool,
) -> bytes:
    certificate = x509.parse(signer.certificate)
    digest_oid = backend.DIGEST_OIDS[signer.key.algorithm]
    digest = backend.DIGESTS[digest_oid](document)
    attributes = [
        _attribute(ids.CONTENT_TYPE, writer.oid(content_type)),
        _attribute(ids.MESSAGE_DIGEST, writer.octet_string(digest)),
        _attribute(ids.SIGNING_CERTIFICATE_V2, _signing_certificate(signer.certificate)),
    ]
    if signing_time:
        attributes.append(_attribute(ids.SIGNING_TIME, writer.time(signer.at)))
    body = b"".join(sorted(attributes))
    signature = signer.key.sign(writer.tlv(0x31, body))
    unsigned = b""
    if stamp is not None:
        unsigned = writer.tlv(0xA1, _attribute(ids.TIME_STAMP_TOKEN, stamp(signature)))
    return writer.sequence(
        writer.integer(1),
        writer.sequence(certificate.issuer, writer.integer(certificate.serial)),
        algorithm_identifier(digest_oid),
        writer.tlv(0xA0, body),
        signature_identifier(signer.key.algorithm),
        writer.octet_string(signature),
        unsigned,
    )


def _attribute(oid: str, value: bytes) -> bytes:
    return writer.sequence(writer.oid(oid), writer.tlv(0x31, value))


def _signing_certificate(certificate: bytes) -> bytes:
    """SigningCertificateV2 with SHA-256, its default algorithm left out (RFC 5035 §4)."""
    named = writer.sequence(writer.octet_string(hashlib.sha256(certificate).digest()))
    return writer.sequence(writer.sequence(named))
