"""XAdES (ETSI EN 319 132): what a signature says of itself, signed with the document by a second Reference.

As NCANode and NCALayer write it: the content's Reference, and one of Type SignedProperties to the
signature's own Object. The properties are never content: they tell the claimed time, bind the
certificate and carry time stamps; what they say of policies, formats and places decides nothing.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from backend.signing.certificate.x509 import Certificate
from backend.signing.cms.claims import Stamp, is_issuer_serial
from backend.signing.der import reader
from backend.signing.der.reader import Malformed
from backend.signing.model import Code
from backend.signing.xml import c14n
from backend.signing.xml.reference import (
    DIGESTS,
    DS,
    algorithm_of,
    base64_of,
    digest_of,
    is_enveloped,
    octets_of,
    transforms_of,
)
from backend.signing.xml.tree import Document, Element

XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
MAX_STAMPS = 8
# A certificate's digest only adds to the signature over it, so the elder SHA-1 may name it (as in CMS)
_NAMES: dict[str, Callable[[bytes], bytes]] = {
    **DIGESTS,
    f"{DS}sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": lambda data: hashlib.sha384(data).digest(),
    "http://www.w3.org/2001/04/xmlenc#sha512": lambda data: hashlib.sha512(data).digest(),
}


class Properties(NamedTuple):
    """The signed properties of one signature and the Reference that covers them."""

    reference: Element
    signed: Element
    qualifying: Element


def references_of(info: Element) -> tuple[Element, Element | None]:
    """The content's Reference, and the properties' where there is one. Raises Malformed for others."""
    found = info.all(DS, "Reference")
    ours = [one for one in found if one.get("Type") == SIGNED_PROPERTIES]
    rest = [one for one in found if one.get("Type") != SIGNED_PROPERTIES]
    if len(rest) != 1 or len(ours) > 1:
        raise Malformed("a Signature covers one thing, and its own properties")
    return rest[0], ours[0] if ours else None


def properties_of(signature: Element, reference: Element) -> Properties:
    """The properties a reference of that Type must cover: those in the signature's own Object.

    Raises Malformed when they stand elsewhere, are not alone, or speak of another signature.
    """
    qualifying = signature.one(DS, "Object").only(XADES, "QualifyingProperties")
    own = signature.get("Id")
    if own is None or qualifying.get("Target") != f"#{own}":
        raise Malformed("the properties are of another signature")
    return Properties(reference, qualifying.one(XADES, "SignedProperties"), qualifying)


def integrity(document: Document, found: Properties) -> Code:
    """Does the second Reference cover the properties, and are they unchanged? Raises Malformed."""
    uri = found.reference.get("URI") or ""
    transforms = transforms_of(found.reference)
    digest, stated = digest_of(found.reference)
    if digest is None or transforms is None or is_enveloped(transforms):
        return Code.UNSUPPORTED_ALGORITHM
    if not uri.startswith("#") or document.by_id(uri[1:]) is not found.signed:
        return Code.BAD_SIGNATURE
    octets = octets_of(found.signed, transforms[0] if transforms else None)
    return Code.OK if digest(octets) == stated else Code.DIGEST_MISMATCH


def signed_at(found: Properties) -> datetime | None:
    """The time the signer claims, in UTC; None where there is none. Raises Malformed."""
    times = [t for holder in _of_signature(found) for t in holder.all(XADES, "SigningTime")]
    if len(times) > 1:
        raise Malformed("a signature has one signing time")
    if not times:
        return None
    try:
        at = datetime.fromisoformat(times[0].text().strip())
    except ValueError:
        raise Malformed("not a signing time") from None
    if at.tzinfo is None:
        raise Malformed("a signing time without its zone")
    return at.astimezone(UTC)


def names(found: Properties, certificate: Certificate) -> bool:
    """Do SigningCertificate and SigningCertificateV2, where present, name this certificate?

    The first Cert names the signer's own, the rest the path's, which we build ourselves. Raises
    Malformed.
    """
    for holder in _of_signature(found):
        for kind in ("SigningCertificate", "SigningCertificateV2"):
            for listed in holder.all(XADES, kind):
                certs = listed.all(XADES, "Cert")
                if not certs:
                    raise Malformed("a signing certificate property names nothing")
                if not _is_named(certs[0], certificate):
                    return False
    return True


def _is_named(cert: Element, certificate: Certificate) -> bool:
    stated = cert.one(XADES, "CertDigest")
    digest = _NAMES.get(algorithm_of(stated.one(DS, "DigestMethod")))
    value = base64_of(stated.one(DS, "DigestValue").text())
    if digest is None or value != digest(certificate.raw):
        return False
    for serial in cert.all(XADES, "IssuerSerial"):
        # the issuer's name is text there, written in as many ways as there are libraries; the digest binds it
        if serial.one(DS, "X509SerialNumber").text().strip() != str(certificate.serial):
            return False
    for encoded in cert.all(XADES, "IssuerSerialV2"):
        if not is_issuer_serial(reader.read(base64_of(encoded.text())), certificate):
            return False
    return True


def stamps(signature: Element, found: Properties) -> tuple[Stamp, ...]:
    """The time stamps over the signature's value (XAdES-T), unjudged.

    One that cannot be read is as if it were not there: it is not signed, and anybody may add it.
    """
    value = signature.one(DS, "SignatureValue")
    found_stamps: list[Stamp] = []
    for unsigned in found.qualifying.all(XADES, "UnsignedProperties"):
        for holder in unsigned.all(XADES, "UnsignedSignatureProperties"):
            for stamp in holder.all(XADES, "SignatureTimeStamp")[:MAX_STAMPS]:
                found_stamps += _stamp(stamp, value)
    return tuple(found_stamps[:MAX_STAMPS])


def _stamp(stamp: Element, value: Element) -> list[Stamp]:
    methods = stamp.all(DS, "CanonicalizationMethod")
    try:
        if len(methods) > 1 or any(algorithm_of(one) not in c14n.ALGORITHMS for one in methods):
            return []
        token = base64_of(stamp.one(XADES, "EncapsulatedTimeStamp").text())
    except Malformed:
        return []
    return [Stamp(token, octets_of(value, methods[0] if methods else None))]


def _of_signature(found: Properties) -> list[Element]:
    holders = found.signed.all(XADES, "SignedSignatureProperties")
    if len(holders) > 1:
        raise Malformed("signed signature properties stand twice")
    return holders
