"""Is each XML signature sound, and does it cover what it must?

Guards against wrapping: signatures count only in their own place (a child of the root; of the SOAP
header or its Security), each has exactly one Reference, and that must be the document's root, or
the envelope's only Body, by an Id that stands once. What is handed on is what was digested.
"""

import base64
import binascii
from collections.abc import Callable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from backend.signing.algorithm import backend, oids
from backend.signing.certificate import x509
from backend.signing.certificate.x509 import Certificate
from backend.signing.cms.claims import Claim
from backend.signing.der.reader import Malformed
from backend.signing.model import Code
from backend.signing.xml import c14n
from backend.signing.xml.tree import XML, Document, Element

DS = "http://www.w3.org/2000/09/xmldsig#"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
SOAP = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
_KZ = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_ENVELOPED = DS + "enveloped-signature"
MAX_SIGNATURES = 64
MAX_CERTIFICATES = 16

SIGNATURES = {
    f"{_KZ}gostr34102015-gostr34112015-512": "gost2015-512",
    f"{_KZ}gostr34102015-gostr34112015-256": "gost2015-256",
    f"{_MORE}gost34310-gost34311": "gost2004",
    f"{_MORE}rsa-sha256": backend.RSA,
    f"{_MORE}ecdsa-sha256": backend.ECDSA,
}
_DIGEST_OIDS = {
    f"{_KZ}gostr34112015-512": oids.STREEBOG_512,
    f"{_KZ}gostr34112015-256": oids.STREEBOG_256,
    f"{_MORE}gost34311": oids.GOST_34311,
    "http://www.w3.org/2001/04/xmlenc#sha256": oids.SHA256,
}
DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    uri: backend.DIGESTS[oid] for uri, oid in _DIGEST_OIDS.items()
}


class Target(NamedTuple):
    """What the signatures of a document must cover."""

    document: Document
    element: Element
    signatures: list[Element]


def dsig_target(document: Document) -> Target:
    """The root of a plain document, signed by the Signature elements that are its children."""
    return Target(document, document.root, document.root.all(DS, "Signature"))


def wsse_target(document: Document) -> Target:
    """The only Body of a SOAP envelope. Raises Malformed when it is not the only one."""
    envelope = document.root
    soap = envelope.namespace
    header, body = envelope.one(soap, "Header"), envelope.one(soap, "Body")
    bodies = sum(
        element.local == "Body" and element.namespace in SOAP for element in envelope.walk()
    )
    if bodies != 1 or envelope.elements() != [header, body]:
        raise Malformed("the envelope is not one Header and one Body")
    holders = [header, *header.all(WSSE, "Security")]
    return Target(document, body, [s for holder in holders for s in holder.all(DS, "Signature")])


def is_envelope(document: Document) -> bool:
    """Is the root a SOAP envelope?"""
    return document.root.local == "Envelope" and document.root.namespace in SOAP


def claims_of(target: Target) -> tuple[list[Claim], bytes | None]:
    """A claim of every signature, and the octets they cover (None when they differ). Raises Malformed."""
    if len(target.signatures) > MAX_SIGNATURES:
        raise Malformed("too many signatures")
    found = [_claim(target, signature) for signature in target.signatures]
    covered = {octets for _, octets in found}
    return [claim for claim, _ in found], covered.pop() if len(covered) == 1 else None


def _claim(target: Target, signature: Element) -> tuple[Claim, bytes | None]:
    info = signature.one(DS, "SignedInfo")
    if [one.local for one in signature.elements()] != ["SignedInfo", "SignatureValue", "KeyInfo"]:
        raise Malformed("a Signature holds more than it needs")
    reference = info.one(DS, "Reference")
    algorithm = SIGNATURES.get(_algorithm(info.one(DS, "SignatureMethod")))
    value = _base64(signature.one(DS, "SignatureValue").text())
    certificates = _certificates(target, signature)
    digest_value = _base64(reference.one(DS, "DigestValue").text())
    digest = DIGESTS.get(_algorithm(reference.one(DS, "DigestMethod")))
    method = info.one(DS, "CanonicalizationMethod")
    covered: bytes | None = None
    certificate = certificates[0]
    covers = _covers(target, reference)
    canonical = _transform(target, signature, reference)
    if (
        algorithm is None
        or digest is None
        or canonical is None
        or _algorithm(method) not in c14n.ALGORITHMS
        or _no_key(certificates)
    ):
        code = Code.UNSUPPORTED_ALGORITHM
    elif not covers:
        code = Code.BAD_SIGNATURE
    elif digest(canonical()) != digest_value:
        code = Code.DIGEST_MISMATCH
    else:
        covered = canonical()
        signed = c14n.of_element(
            info, exclusive=c14n.ALGORITHMS[_algorithm(method)], prefixes=_prefixes(method)
        )
        signer = _who_signed(certificates, algorithm, signed, value)
        code = Code.OK if signer is not None else Code.BAD_SIGNATURE
        certificate = signer or certificate
    claim = Claim(
        integrity=code,
        algorithm=algorithm,
        certificate=certificate,
        others=tuple(certificates),
        signed_at=None,
        signature=value,
    )
    return claim, covered


def _covers(target: Target, reference: Element) -> bool:
    """Is the reference to the target itself? Raises Malformed when the Id stands more than once."""
    uri = reference.get("URI")
    if uri == "":
        return target.element is target.document.root
    if uri is None or not uri.startswith("#"):
        return False
    return _by_id(target.document, uri[1:]) is target.element


def _by_id(document: Document, wanted: str) -> Element | None:
    """The element of that Id, by any attribute that some reader takes for one. Raises Malformed."""
    found = [
        element
        for element in document.root.walk()
        for attribute in element.attributes
        if attribute.value == wanted
        and attribute.local.lower() == "id"
        and attribute.namespace in ("", WSU, XML)
    ]
    if len(found) > 1:
        raise Malformed("an Id stands twice")
    return found[0] if found else None


def _transform(
    target: Target, signature: Element, reference: Element
) -> Callable[[], bytes] | None:
    """What makes the digested octets: at most enveloped-signature, then a canonicalisation."""
    holders = reference.all(DS, "Transforms")
    transforms = [one for holder in holders for one in holder.all(DS, "Transform")]
    names = [_algorithm(one) for one in transforms]
    enveloped = bool(names) and names[0] == _ENVELOPED
    rest = transforms[1:] if enveloped else transforms
    if len(holders) > 1 or len(rest) > 1 or any(_algorithm(t) not in c14n.ALGORITHMS for t in rest):
        return None
    exclusive = bool(rest) and c14n.ALGORITHMS[_algorithm(rest[0])]
    prefixes = _prefixes(rest[0]) if rest else frozenset()
    without = signature if enveloped else None
    if reference.get("URI") == "":
        document = target.document
        return lambda: c14n.of_document(
            document, exclusive=exclusive, without=without, prefixes=prefixes
        )
    element = target.element
    return lambda: c14n.of_element(element, exclusive=exclusive, without=without, prefixes=prefixes)


def _prefixes(method: Element) -> frozenset[str]:
    """The PrefixList of InclusiveNamespaces; `#default` is the empty prefix."""
    listed: set[str] = set()
    for element in method.all(c14n.EXCLUSIVE, "InclusiveNamespaces"):
        listed.update((element.get("PrefixList") or "").split())
    return frozenset("" if prefix == "#default" else prefix for prefix in listed)


def _algorithm(element: Element) -> str:
    name = element.get("Algorithm")
    if name is None:
        raise Malformed(f"{element.local} names no algorithm")
    return name


def _certificates(target: Target, signature: Element) -> list[Certificate]:
    """The certificates of KeyInfo: X509Data, a KeyIdentifier, or a BinarySecurityToken. Raises Malformed."""
    info = signature.one(DS, "KeyInfo")
    texts = [
        certificate.text()
        for data in info.all(DS, "X509Data")
        for certificate in data.all(DS, "X509Certificate")
    ]
    for token in info.all(WSSE, "SecurityTokenReference"):
        texts += [one.text() for one in token.all(WSSE, "KeyIdentifier")]
        for reference in token.all(WSSE, "Reference"):
            named = _by_id(target.document, (reference.get("URI") or "#").removeprefix("#"))
            if named is not None and named.is_a(WSSE, "BinarySecurityToken"):
                texts.append(named.text())
    if not 1 <= len(texts) <= MAX_CERTIFICATES:
        raise Malformed("no certificate in KeyInfo")
    return [x509.parse(_base64(text)) for text in texts]


def _no_key(certificates: list[Certificate]) -> bool:
    return all(backend.key_algorithm(certificate.spki) is None for certificate in certificates)


def _who_signed(
    certificates: list[Certificate], algorithm: str, signed: bytes, value: bytes
) -> Certificate | None:
    if algorithm == backend.ECDSA:  # RFC 4050 §3.3: r || s, not DER
        if len(value) != 64:
            return None
        r, s = int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big")
        value = encode_dss_signature(r, s)
    for certificate in certificates:
        if backend.verify(certificate.spki, algorithm, signed, value):
            return certificate
    return None


def _base64(text: str) -> bytes:
    """Base64 with the white space (and `&#13;`) that signers leave in it. Raises Malformed."""
    packed = "".join(text.split())
    try:
        found = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base64") from None
    if not found or base64.b64encode(found).decode() != packed:
        raise Malformed("base64 not in its one form")
    return found
