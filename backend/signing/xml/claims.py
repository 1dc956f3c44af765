"""Is each XML signature sound, and does it cover what it must?

Guards against wrapping: signatures count only in their own place (a child of the root; of the SOAP
header or its Security), each has exactly one Reference to content, and that must be the document's
root, or the envelope's only Body, by an Id that stands once. A second Reference may cover the
signature's own properties (`xades`), and nothing else. What is handed on is what was digested.
"""

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from backend.signing.algorithm import backend
from backend.signing.certificate import x509
from backend.signing.certificate.x509 import Certificate
from backend.signing.cms.claims import Claim
from backend.signing.der.reader import Malformed
from backend.signing.model import Code, first_code
from backend.signing.xml import c14n, xades
from backend.signing.xml.reference import (
    DS,
    SIGNATURES,
    algorithm_of,
    base64_of,
    digest_of,
    is_enveloped,
    octets_of,
    prefixes_of,
    transforms_of,
)
from backend.signing.xml.tree import Document, Element
from backend.signing.xml.xades import Properties

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SOAP = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
MAX_SIGNATURES = 64
MAX_CERTIFICATES = 16
MAX_WAYS = 4  # inclusive or exclusive, the element or the document

MAX_DIGESTED = 64 * 1024 * 1024  # octets, by all signatures of a document together


class Target:
    """What the signatures of a document must cover, made canonical once for all of them."""

    def __init__(self, document: Document, element: Element, signatures: list[Element]) -> None:
        if len(signatures) > MAX_SIGNATURES:
            raise Malformed("too many signatures")
        self.document, self.element, self.signatures = document, element, signatures
        self._made: dict[tuple[bool, bool, frozenset[str]], c14n.Canonical] = {}
        self._digested = 0

    def octets(self, *, whole: bool, method: Element | None, without: Element | None) -> bytes:
        """The canonical octets of the element, or of the `whole` document. Raises Malformed for too many."""
        exclusive = method is not None and c14n.ALGORITHMS[algorithm_of(method)]
        prefixes = prefixes_of(method) if method is not None else frozenset()
        key = (whole, exclusive, prefixes)
        if key not in self._made:
            if len(self._made) >= MAX_WAYS:
                raise Malformed("made canonical in too many ways")
            self._made[key] = (
                c14n.canonical_document(
                    self.document, exclusive=exclusive, holes=self.signatures, prefixes=prefixes
                )
                if whole
                else c14n.canonical_element(
                    self.element, exclusive=exclusive, holes=self.signatures, prefixes=prefixes
                )
            )
        found = self._made[key].without(without)
        self._digested += len(found)
        if self._digested > MAX_DIGESTED:
            raise Malformed("too much to digest")
        return found


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
    found = [_claim(target, signature) for signature in target.signatures]
    covered = {octets for _, octets in found}
    return [claim for claim, _ in found], covered.pop() if len(covered) == 1 else None


def _claim(target: Target, signature: Element) -> tuple[Claim, bytes | None]:
    info = signature.one(DS, "SignedInfo")
    content, of_properties = xades.references_of(info)
    properties = None
    parts = ["SignedInfo", "SignatureValue", "KeyInfo"]
    if of_properties is not None:
        properties = xades.properties_of(signature, of_properties)
        parts.append("Object")
    if [one.local for one in signature.elements()] != parts:
        raise Malformed("a Signature holds more than it needs")
    algorithm = SIGNATURES.get(algorithm_of(info.one(DS, "SignatureMethod")))
    value = base64_of(signature.one(DS, "SignatureValue").text())
    certificates = _certificates(target, signature)
    code, covered = _content(target, signature, content)
    if properties is not None:
        code = first_code([code, xades.integrity(target.document, properties)])
    signer = None
    if algorithm is None or _no_key(certificates) or not _is_canonical(info):
        code = Code.UNSUPPORTED_ALGORITHM
    elif code is Code.OK:
        method = info.one(DS, "CanonicalizationMethod")
        signer = _who_signed(certificates, algorithm, octets_of(info, method), value, properties)
        code = Code.OK if signer is not None else Code.BAD_SIGNATURE
    claim = Claim(
        integrity=code,
        algorithm=algorithm,
        certificate=signer or certificates[0],
        others=tuple(certificates),
        signed_at=xades.signed_at(properties) if properties is not None else None,
        signature=value,
        stamps=xades.stamps(signature, properties) if properties is not None else (),
    )
    return claim, covered


def _content(target: Target, signature: Element, reference: Element) -> tuple[Code, bytes | None]:
    """How far the content's Reference holds, and the octets it digests, when they are the stated ones."""
    transforms = transforms_of(reference)
    digest, stated = digest_of(reference)
    covers = _covers(target, reference)
    if digest is None or transforms is None:
        return Code.UNSUPPORTED_ALGORITHM, None
    if not covers:
        return Code.BAD_SIGNATURE, None
    octets = _digested(target, signature, reference, transforms)
    if digest(octets) != stated:
        return Code.DIGEST_MISMATCH, None
    return Code.OK, octets


def _covers(target: Target, reference: Element) -> bool:
    """Is the reference to the target itself? Raises Malformed when the Id stands more than once."""
    uri = reference.get("URI")
    if uri == "":
        return target.element is target.document.root
    if uri is None or not uri.startswith("#"):
        return False
    return target.document.by_id(uri[1:]) is target.element


def _digested(
    target: Target, signature: Element, reference: Element, transforms: list[Element]
) -> bytes:
    without = signature if is_enveloped(transforms) else None
    rest = transforms[1:] if without is not None else transforms
    method = rest[0] if rest else None
    return target.octets(whole=reference.get("URI") == "", method=method, without=without)


def _is_canonical(info: Element) -> bool:
    return algorithm_of(info.one(DS, "CanonicalizationMethod")) in c14n.ALGORITHMS


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
            named = target.document.by_id((reference.get("URI") or "#").removeprefix("#"))
            if named is not None and named.is_a(WSSE, "BinarySecurityToken"):
                texts.append(named.text())
    if not 1 <= len(texts) <= MAX_CERTIFICATES:
        raise Malformed("no certificate in KeyInfo")
    return [x509.parse(base64_of(text)) for text in texts]


def _no_key(certificates: list[Certificate]) -> bool:
    return all(backend.key_algorithm(certificate.spki) is None for certificate in certificates)


def _who_signed(
    certificates: list[Certificate],
    algorithm: str,
    signed: bytes,
    value: bytes,
    properties: Properties | None,
) -> Certificate | None:
    """The certificate whose key made the value and, where properties name one, which they name."""
    if algorithm == backend.ECDSA:  # RFC 4050 §3.3: r || s, not DER
        if len(value) != 64:
            return None
        r, s = int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big")
        value = encode_dss_signature(r, s)
    for certificate in certificates:
        named = properties is None or xades.names(properties, certificate)
        if named and backend.verify(certificate.spki, algorithm, signed, value):
            return certificate
    return None
