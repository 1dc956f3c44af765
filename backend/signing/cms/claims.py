"""Is each signer's signature over these bytes sound? Trust is asked elsewhere.

A claim is what a document says of a signer together with how far the mathematics bears it out.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from backend.signing.algorithm import backend, oids
from backend.signing.certificate.x509 import Certificate
from backend.signing.cms import identifiers as ids
from backend.signing.cms import parse
from backend.signing.cms.parse import SignedData, SignerFields
from backend.signing.der import reader
from backend.signing.der.reader import Malformed
from backend.signing.model import Code


class Stamp(NamedTuple):
    """An RFC 3161 token, unjudged, and the octets it must have stamped."""

    token: bytes
    over: bytes


class Claim(Struct, frozen=True, kw_only=True):
    """One signer: `integrity` is OK when digest, signature and named certificate agree.

    `stamps` are over the signature: in CMS over its octets, in XAdES over its canonical element.
    """

    integrity: Code
    algorithm: str | None
    certificate: Certificate | None
    others: tuple[Certificate, ...]
    signed_at: datetime | None
    signature: bytes
    stamps: tuple[Stamp, ...] = ()


def claims_of(signed: SignedData, content: bytes | None) -> list[Claim]:
    """A claim for every signer, over the content inside or beside. Raises Malformed."""
    digests: dict[str, bytes] = {}
    return [_claim(signed, signer, content, digests) for signer in signed.signers]


def _claim(
    signed: SignedData, signer: SignerFields, content: bytes | None, digests: dict[str, bytes]
) -> Claim:
    at = parse.signing_time(signer)
    certificate = signer_certificate(signer, signed.certificates)
    algorithm = backend.signature_algorithm(signer.signature_oid, signer.digest_oid)
    return Claim(
        integrity=_integrity(signed, signer, certificate, algorithm, content, digests),
        algorithm=algorithm,
        certificate=certificate,
        others=signed.certificates,
        signed_at=at,
        signature=signer.signature,
        stamps=tuple(
            Stamp(token, signer.signature)
            for token in signer.unsigned.get(ids.TIME_STAMP_TOKEN, ())
        ),
    )


def signer_certificate(signer: SignerFields, certificates: Sequence[Certificate]) -> Certificate:
    """The one certificate the signer names. Raises Malformed for none or several."""
    found = [
        certificate
        for certificate in certificates
        if (
            certificate.subject_key_id == signer.key_id
            if signer.key_id is not None
            else certificate.serial == signer.serial and certificate.issuer == signer.issuer
        )
    ]
    if len(found) != 1:
        raise Malformed("the signer's certificate is not in the document, or not alone")
    return found[0]


def _integrity(
    signed: SignedData,
    signer: SignerFields,
    certificate: Certificate,
    algorithm: str | None,
    content: bytes | None,
    digests: dict[str, bytes],
) -> Code:
    _require_consistent(signed, signer)
    if content is None:
        return Code.CONTENT_MISSING
    key_algorithm = backend.key_algorithm(certificate.spki)
    if algorithm is None or key_algorithm is None:
        return Code.UNSUPPORTED_ALGORITHM
    if signer.signed is None:
        covered = content
        if _looks_like_attributes(content):
            return Code.BAD_SIGNATURE
    else:
        if signer.digest_oid not in digests:
            digests[signer.digest_oid] = backend.DIGESTS[signer.digest_oid](content)
        stated = signer.one(ids.MESSAGE_DIGEST)
        if stated is None or stated.octets() != digests[signer.digest_oid]:
            return Code.DIGEST_MISMATCH
        covered = signer.signed
    if not _names_certificate(signer, certificate):
        return Code.BAD_SIGNATURE
    if not backend.verify(certificate.spki, algorithm, covered, signer.signature):
        return Code.BAD_SIGNATURE
    return Code.OK


def _require_consistent(signed: SignedData, signer: SignerFields) -> None:
    """RFC 5652 §5.3, §11: the attributes every signer with attributes must carry."""
    if signer.signed is None:
        if signed.content_type != ids.DATA:
            raise Malformed("content other than data needs signed attributes")
        return
    content_type, digest = signer.one(ids.CONTENT_TYPE), signer.one(ids.MESSAGE_DIGEST)
    if content_type is None or digest is None:
        raise Malformed("a signer lacks contentType or messageDigest")
    if content_type.oid() != signed.content_type:
        raise Malformed("contentType differs from the content's")
    digest.octets()


def _looks_like_attributes(content: bytes) -> bool:
    """Signed attributes passed off as content: the signature of another document would hold."""
    if content[:1] != b"\x31":
        return False
    try:
        kinds = [one.first().oid() for one in reader.read(content).children()]
    except Malformed:
        return False
    return ids.MESSAGE_DIGEST in kinds or ids.CONTENT_TYPE in kinds


def _names_certificate(signer: SignerFields, certificate: Certificate) -> bool:
    """Do signingCertificate and signingCertificateV2, where present, name this certificate? RFC 5035."""
    for oid, default in ((ids.SIGNING_CERTIFICATE_V2, oids.SHA256), (ids.SIGNING_CERTIFICATE, "")):
        value = signer.one(oid)
        if value is None:
            continue
        lists = value.expect(reader.SEQUENCE).children()
        named = lists[0].expect(reader.SEQUENCE).children() if lists else []
        if not named:
            raise Malformed("a signing certificate attribute names nothing")
        # the first names the signer's own; the rest are the path's, which we build ourselves
        if not _is_named(named[0], certificate, default):
            return False
    return True


def _is_named(element: reader.Element, certificate: Certificate, default: str) -> bool:
    parts = element.expect(reader.SEQUENCE).children()
    digest_oid = default
    if default and parts and parts[0].tag == reader.SEQUENCE:
        digest_oid = parts.pop(0).first().oid()
    if not parts:
        raise Malformed("a certificate identifier without a hash")
    digest = _sha1 if not default else backend.NAMING.get(digest_oid)
    if digest is None or parts[0].octets() != digest(certificate.raw):
        return False
    return len(parts) < 2 or is_issuer_serial(parts[1], certificate)


def is_issuer_serial(element: reader.Element, certificate: Certificate) -> bool:
    """IssuerSerial (RFC 5035 §5): GeneralNames with one directoryName, and the serial number."""
    names, serial = element.expect(reader.SEQUENCE).exactly(2)
    found = [name.first().raw for name in names.children() if name.tag == 0xA4]
    return found == [certificate.issuer] and serial.integer() == certificate.serial


def _sha1(data: bytes) -> bytes:
    # RFC 2634 ESSCertID fixes SHA-1; it only adds to the signature, it carries no trust of its own
    return hashlib.sha1(data, usedforsecurity=False).digest()
