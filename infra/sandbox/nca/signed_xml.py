"""Signing XML, as the NCA's libraries do (ECP.md §3.3, §5.3)."""

import base64
from collections.abc import Callable
from datetime import datetime

from backend.signing.xml import c14n, tree
from backend.signing.xml.claims import WSSE
from backend.signing.xml.reference import DIGESTS, DS, ENVELOPED, KZ, SIGNATURES
from backend.signing.xml.tree import WSU
from backend.signing.xml.xades import SIGNED_PROPERTIES, XADES
from infra.sandbox.nca.keypair import KeyPair

METHODS = {
    "gost2015-512": (f"{KZ}gostr34102015-gostr34112015-512", f"{KZ}gostr34112015-512"),
    "gost2015-256": (f"{KZ}gostr34102015-gostr34112015-256", f"{KZ}gostr34112015-256"),
    "gost2004": (
        "http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311",
        "http://www.w3.org/2001/04/xmldsig-more#gost34311",
    ),
    "rsa-sha256": (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    ),
}
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
HOLE = "<!--signature-->"


def b64(raw: bytes) -> str:
    """Base64 in lines, with the carriage returns Java libraries leave in."""
    return base64.encodebytes(raw).decode().replace("\n", "&#13;\n")


def signed_info(
    algorithm: str, uri: str, digest: bytes, method: str, transforms: list[str], more: str = ""
) -> str:
    """SignedInfo with one Reference, and `more` of them."""
    signature, _ = METHODS[algorithm]
    assert signature in SIGNATURES
    return (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{method}"/>'
        f'<ds:SignatureMethod Algorithm="{signature}"/>'
        f"{reference(algorithm, uri, digest, transforms)}{more}</ds:SignedInfo>"
    )


def reference(
    algorithm: str, uri: str, digest: bytes, transforms: list[str], kind: str = ""
) -> str:
    """A Reference; `kind` are further attributes."""
    listed = "".join(f'<ds:Transform Algorithm="{name}"></ds:Transform>' for name in transforms)
    return (
        f'<ds:Reference URI="{uri}"{kind}><ds:Transforms>{listed}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{METHODS[algorithm][1]}"/>'
        f"<ds:DigestValue>{b64(digest)}</ds:DigestValue></ds:Reference>"
    )


def fill(text: str, pair: KeyPair, info: str, exclusive: bool, key_info: str) -> str:
    """Put the Signature in place of the hole, its value computed in that very place."""

    def whole(value: str) -> str:
        signature = (
            f'<ds:Signature xmlns:ds="{DS}">{info}<ds:SignatureValue>{value}</ds:SignatureValue>'
            f"<ds:KeyInfo>{key_info}</ds:KeyInfo></ds:Signature>"
        )
        return text.replace(HOLE, signature)

    root = tree.parse(whole("AA==").encode()).root
    place = next(e for e in root.walk() if e.is_a(DS, "SignedInfo"))
    octets = c14n.of_element(place, exclusive=exclusive)
    return whole(b64(pair.key.sign(octets)))


def enveloped(text: str, pair: KeyPair, *, uri: str = "", exclusive_info: bool = False) -> bytes:
    """XMLDSig over the root: `text` carries the hole where the Signature goes."""
    document = tree.parse(text.encode())
    digest = DIGESTS[METHODS[pair.algorithm][1]]
    octets = (
        c14n.of_element(document.root, exclusive=False)
        if uri
        else c14n.of_document(document, exclusive=False)
    )
    method = c14n.EXCLUSIVE if exclusive_info else c14n.INCLUSIVE
    info = signed_info(
        pair.algorithm, uri, digest(octets), method, [ENVELOPED, f"{c14n.INCLUSIVE}#WithComments"]
    )
    certificate = b64(pair.certificate_der)
    key_info = f"<ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>"
    return fill(text, pair, info, exclusive_info, key_info).encode()


def xades(
    text: str,
    pair: KeyPair,
    *,
    at: datetime,
    stamp: Callable[[bytes], bytes] | None = None,
    named: bytes | None = None,
) -> bytes:
    """XAdES as NCANode writes it: B, and T with a `stamp`. `named` is another certificate than the signer's."""
    method = METHODS[pair.algorithm][1]
    digest = DIGESTS[method]
    info, value, properties = "<!--info-->", "<!--value-->", "<!--unsigned-->"
    cert = b64(digest(pair.certificate_der if named is None else named))
    whole = text.replace(
        HOLE,
        f'<ds:Signature xmlns:ds="{DS}" Id="sig">{info}<ds:SignatureValue>{value}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{b64(pair.certificate_der)}"
        f"</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>"
        f'<xades:QualifyingProperties xmlns:xades="{XADES}" Target="#sig">'
        f'<xades:SignedProperties Id="sig-properties"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{at.isoformat()}</xades:SigningTime><xades:SigningCertificateV2>"
        f'<xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{method}"/>'
        f"<ds:DigestValue>{cert}</ds:DigestValue></xades:CertDigest></xades:Cert>"
        f"</xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties>"
        f"{properties}</xades:QualifyingProperties></ds:Object></ds:Signature>",
    )
    content = c14n.of_document(tree.parse(text.encode()), exclusive=True)
    second = reference(
        pair.algorithm, "#sig-properties", digest(_canonical(whole, XADES, "SignedProperties")),
        [c14n.EXCLUSIVE], f' Type="{SIGNED_PROPERTIES}"',
    )  # fmt: skip
    first = [ENVELOPED, c14n.EXCLUSIVE]
    listed = signed_info(pair.algorithm, "", digest(content), c14n.EXCLUSIVE, first, second)
    whole = whole.replace(info, listed)
    whole = whole.replace(value, b64(pair.key.sign(_canonical(whole, DS, "SignedInfo"))))
    unsigned = ""
    if stamp is not None:
        token = b64(stamp(_canonical(whole, DS, "SignatureValue")))
        unsigned = (
            "<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>"
            f'<ds:CanonicalizationMethod Algorithm="{c14n.EXCLUSIVE}"/><xades:EncapsulatedTimeStamp>'
            f"{token}</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>"
            "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
        )
    return whole.replace(properties, unsigned).encode()


def _canonical(text: str, namespace: str, local: str) -> bytes:
    """The canonical octets of the first element of that name, in its place."""
    root = tree.parse(text.encode()).root
    return c14n.of_element(next(e for e in root.walk() if e.is_a(namespace, local)), exclusive=True)


def envelope(body: str, pair: KeyPair, identifier: str = "id-1", token: bool = False) -> bytes:
    """A SOAP envelope whose Body is signed by Id, the certificate whole in the security header."""
    certificate = b64(pair.certificate_der)
    binary = ""
    key_info = f"<wsse:SecurityTokenReference><wsse:KeyIdentifier>{certificate}</wsse:KeyIdentifier></wsse:SecurityTokenReference>"
    if token:
        binary = f'<wsse:BinarySecurityToken wsu:Id="tok">{certificate}</wsse:BinarySecurityToken>'
        key_info = '<wsse:SecurityTokenReference><wsse:Reference URI="#tok"/></wsse:SecurityTokenReference>'
    text = (
        f'<S:Envelope xmlns:S="{SOAP}" xmlns:wsu="{WSU}" xmlns:wsse="{WSSE}"><S:Header>'
        f'<wsse:Security S:mustUnderstand="1">{binary}{HOLE}</wsse:Security></S:Header>'
        f'<S:Body wsu:Id="{identifier}">{body}</S:Body></S:Envelope>'
    )
    root = tree.parse(text.encode()).root
    octets = c14n.of_element(root.one(SOAP, "Body"), exclusive=True)
    digest = DIGESTS[METHODS[pair.algorithm][1]](octets)
    info = signed_info(pair.algorithm, f"#{identifier}", digest, c14n.EXCLUSIVE, [c14n.EXCLUSIVE])
    return fill(text, pair, info, True, key_info).encode()
