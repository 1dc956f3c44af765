"""Signing XML, as the NCA's libraries do (ECP.md §3.3, §5.3)."""

import base64

from backend.signing.xml import c14n, tree
from backend.signing.xml.claims import DIGESTS, DS, SIGNATURES, WSSE, WSU
from infra.sandbox.nca.keypair import KeyPair

KZ = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
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
ENVELOPED = f"{DS}enveloped-signature"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
HOLE = "<!--signature-->"


def b64(raw: bytes) -> str:
    """Base64 in lines, with the carriage returns Java libraries leave in."""
    return base64.encodebytes(raw).decode().replace("\n", "&#13;\n")


def signed_info(algorithm: str, uri: str, digest: bytes, method: str, transforms: list[str]) -> str:
    """SignedInfo with one Reference."""
    signature, digest_method = METHODS[algorithm]
    assert signature in SIGNATURES
    listed = "".join(f'<ds:Transform Algorithm="{name}"></ds:Transform>' for name in transforms)
    return (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{method}"/>'
        f'<ds:SignatureMethod Algorithm="{signature}"/><ds:Reference URI="{uri}">'
        f'<ds:Transforms>{listed}</ds:Transforms><ds:DigestMethod Algorithm="{digest_method}"/>'
        f"<ds:DigestValue>{b64(digest)}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
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
