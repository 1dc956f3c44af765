"""The parts of XMLDSig every signature shares: algorithms by URI, transforms, digested octets."""

import base64
import binascii
from collections.abc import Callable

from backend.signing.algorithm import backend, oids
from backend.signing.der.reader import Malformed
from backend.signing.xml import c14n
from backend.signing.xml.tree import Element

DS = "http://www.w3.org/2000/09/xmldsig#"
KZ = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENVELOPED = DS + "enveloped-signature"

SIGNATURES = {
    f"{KZ}gostr34102015-gostr34112015-512": "gost2015-512",
    f"{KZ}gostr34102015-gostr34112015-256": "gost2015-256",
    f"{MORE}gost34310-gost34311": "gost2004",
    f"{MORE}rsa-sha256": backend.RSA,
    f"{MORE}ecdsa-sha256": backend.ECDSA,
}
_DIGEST_OIDS = {
    f"{KZ}gostr34112015-512": oids.STREEBOG_512,
    f"{KZ}gostr34112015-256": oids.STREEBOG_256,
    f"{MORE}gost34311": oids.GOST_34311,
    "http://www.w3.org/2001/04/xmlenc#sha256": oids.SHA256,
}
Digest = Callable[[bytes], bytes]
DIGESTS: dict[str, Digest] = {uri: backend.DIGESTS[oid] for uri, oid in _DIGEST_OIDS.items()}


def algorithm_of(element: Element) -> str:
    """What the Algorithm attribute names. Raises Malformed."""
    name = element.get("Algorithm")
    if name is None:
        raise Malformed(f"{element.local} names no algorithm")
    return name


def digest_of(reference: Element) -> tuple[Digest | None, bytes]:
    """The digest method, where it is one of ours, and the stated value. Raises Malformed."""
    value = base64_of(reference.one(DS, "DigestValue").text())
    return DIGESTS.get(algorithm_of(reference.one(DS, "DigestMethod"))), value


def transforms_of(reference: Element) -> list[Element] | None:
    """The transforms, when they are at most enveloped-signature and one canonicalisation."""
    holders = reference.all(DS, "Transforms")
    found = [one for holder in holders for one in holder.all(DS, "Transform")]
    rest = found[1:] if is_enveloped(found) else found
    if len(holders) > 1 or len(rest) > 1:
        return None
    return found if all(algorithm_of(one) in c14n.ALGORITHMS for one in rest) else None


def is_enveloped(transforms: list[Element]) -> bool:
    """Is the first transform the one that leaves the signature itself out?"""
    return bool(transforms) and algorithm_of(transforms[0]) == ENVELOPED


def octets_of(element: Element, method: Element | None, without: Element | None = None) -> bytes:
    """The canonical octets of an element by a canonicalisation method; by C14N 1.0 where none is named."""
    if method is None:
        return c14n.of_element(element, exclusive=False, without=without)
    exclusive = c14n.ALGORITHMS[algorithm_of(method)]
    return c14n.of_element(
        element, exclusive=exclusive, without=without, prefixes=prefixes_of(method)
    )


def prefixes_of(method: Element) -> frozenset[str]:
    """The PrefixList of InclusiveNamespaces; `#default` is the empty prefix."""
    listed: set[str] = set()
    for element in method.all(c14n.EXCLUSIVE, "InclusiveNamespaces"):
        listed.update((element.get("PrefixList") or "").split())
    return frozenset("" if prefix == "#default" else prefix for prefix in listed)


def base64_of(text: str) -> bytes:
    """Base64 with the white space (and `&#13;`) that signers leave in it. Raises Malformed."""
    packed = "".join(text.split())
    try:
        found = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base64") from None
    if not found or base64.b64encode(found).decode() != packed:
        raise Malformed("base64 not in its one form")
    return found
