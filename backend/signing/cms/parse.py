"""Reading CMS SignedData (RFC 5652): DER, BER, PEM or base64, within bounds.

Nothing is re-encoded: signed attributes are the stored octets under the tag SET (§5.4).
"""

import base64
import binascii
import re
from datetime import datetime

from msgspec import Struct

from backend.signing.certificate import x509
from backend.signing.certificate.x509 import Certificate
from backend.signing.cms import identifiers as ids
from backend.signing.der import reader
from backend.signing.der.reader import Element, Malformed

MAX_BYTES = 64 * 1024 * 1024
MAX_SIGNERS = 64
MAX_CERTIFICATES = 256
MAX_ATTRIBUTES = 64
_PEM = re.compile(rb"\s*-----BEGIN (CMS|PKCS7|PKCS #7 SIGNED DATA|SIGNATURE)-----")
_SPACE = b" \t\r\n\f\v"
_UTF8_MARK = b"\xef\xbb\xbf"
_CERTIFICATES, _CRLS, _KEY_ID = 0xA0, 0xA1, 0x80


class SignerFields(Struct, frozen=True, kw_only=True):
    """A SignerInfo, unjudged. `signed` is what the signature covers when attributes are there."""

    issuer: bytes | None
    serial: int | None
    key_id: bytes | None
    digest_oid: str
    signature_oid: str
    signed: bytes | None
    attributes: dict[str, tuple[bytes, ...]]
    signature: bytes
    unsigned: dict[str, tuple[bytes, ...]]

    def one(self, oid: str) -> Element | None:
        """The single value of a signed attribute; Malformed when it has more or fewer."""
        values = self.attributes.get(oid)
        if values is None:
            return None
        if len(values) != 1:
            raise Malformed("a signed attribute needs one value")
        return reader.read(values[0])


class SignedData(Struct, frozen=True, kw_only=True):
    """A parsed SignedData. `content` is None when the signature is detached."""

    content_type: str
    content: bytes | None
    certificates: tuple[Certificate, ...]
    signers: tuple[SignerFields, ...]


def to_binary(raw: bytes) -> bytes:
    """DER or BER from whichever wrapping was used: none, PEM, or bare base64. Raises Malformed."""
    if len(raw) > 2 * MAX_BYTES:
        raise Malformed("the signature is too large")
    if raw[:1] == b"\x30" and raw[1:2] not in (b"", b"0"):
        return raw
    packed = _inside_pem(raw.removeprefix(_UTF8_MARK)).translate(None, _SPACE)
    try:
        binary = base64.b64decode(packed, validate=True)
    except binascii.Error:
        raise Malformed("neither DER nor base64") from None
    # all but the last group have one form only
    if base64.b64encode(binary[-(len(binary) % 3 or 3) :]) != packed[-4:]:
        raise Malformed("base64 not in its one form")
    return binary


def _inside_pem(raw: bytes) -> bytes:
    """What stands between the lines of PEM; all of it where there are none. Raises Malformed."""
    begin = _PEM.match(raw)
    if begin is None:
        return raw
    end = b"-----END " + begin[1] + b"-----"
    at = raw.rfind(end)
    if at < begin.end() or raw[at + len(end) :].strip():
        raise Malformed("not PEM of a signature")
    return raw[begin.end() : at]


def parse(raw: bytes) -> SignedData:
    """The SignedData in DER or BER octets. Raises Malformed."""
    if len(raw) > MAX_BYTES:
        raise Malformed("the signature is too large")
    outer = reader.read(raw, ber=True).expect(reader.SEQUENCE).children()
    if len(outer) != 2 or outer[0].oid() != ids.SIGNED_DATA or outer[1].tag != 0xA0:
        raise Malformed("not SignedData")
    fields = outer[1].inside(reader.SEQUENCE).children()
    if len(fields) < 4:
        raise Malformed("SignedData lacks its fields")
    version, digests, encapsulated, *rest = fields
    content_type, content = _encapsulated(encapsulated)
    certificates: tuple[Certificate, ...] = ()
    plain = content_type == ids.DATA
    if rest and rest[0].tag == _CERTIFICATES:
        plain = plain and all(one.tag == reader.SEQUENCE for one in rest[0].children())
        certificates = _certificates(rest.pop(0))
    if rest and rest[0].tag == _CRLS:
        plain = plain and all(one.tag == reader.SEQUENCE for one in rest.pop(0).children())
    if len(rest) != 1:
        raise Malformed("unexpected fields in SignedData")
    signers = tuple(map(_signer, _bounded(rest[0].expect(reader.SET), MAX_SIGNERS)))
    named = {x509.algorithm_oid(one) for one in _bounded(digests.expect(reader.SET), MAX_SIGNERS)}
    if any(signer.digest_oid not in named for signer in signers):
        raise Malformed("a signer's digest is not announced")
    # RFC 5652 §5.1: version 1, unless content, certificates, CRLs or signers are of a newer kind
    allowed = (1,) if plain and all(one.key_id is None for one in signers) else (1, 3, 4, 5)
    if version.integer() not in allowed:
        raise Malformed("SignedData of an unexpected version")
    return SignedData(
        content_type=content_type, content=content, certificates=certificates, signers=signers
    )


def _encapsulated(element: Element) -> tuple[str, bytes | None]:
    parts = element.expect(reader.SEQUENCE).children()
    if not 1 <= len(parts) <= 2:
        raise Malformed("not encapsulated content")
    if len(parts) == 1:
        return parts[0].oid(), None
    return parts[0].oid(), parts[1].expect(0xA0).first().octets()


def _certificates(element: Element) -> tuple[Certificate, ...]:
    """The X.509 certificates; attribute certificates and other kinds are passed over."""
    found = {
        child.raw: x509.parse(child.raw)
        for child in _bounded(element, MAX_CERTIFICATES)
        if child.tag == reader.SEQUENCE
    }
    return tuple(found.values())


def _signer(element: Element) -> SignerFields:
    fields = element.expect(reader.SEQUENCE).children()
    if not 5 <= len(fields) <= 7:
        raise Malformed("not a SignerInfo")
    version, sid, digest, *rest = fields
    issuer, serial, key_id = _signer_identifier(sid)
    if version.integer() != (3 if key_id is not None else 1):
        raise Malformed("a SignerInfo of an unexpected version")
    signed, attributes = None, {}
    if rest and rest[0].tag == 0xA0:
        holder = rest.pop(0)
        if not holder.definite:
            raise Malformed("signed attributes must be DER")
        signed = b"\x31" + holder.raw[1:]
        attributes = _attributes(reader.read(signed))
    if not 2 <= len(rest) <= 3:
        raise Malformed("not a SignerInfo")
    unsigned = {}
    if len(rest) == 3:
        unsigned = _attributes(rest[2].expect(0xA1))
    return SignerFields(
        issuer=issuer, serial=serial, key_id=key_id,
        digest_oid=x509.algorithm_oid(digest), signature_oid=x509.named_algorithm(rest[0]),
        signed=signed, attributes=attributes, signature=rest[1].octets(), unsigned=unsigned,
    )  # fmt: skip


def _signer_identifier(sid: Element) -> tuple[bytes | None, int | None, bytes | None]:
    if sid.tag == _KEY_ID:
        return None, None, sid.content
    parts = sid.expect(reader.SEQUENCE).children()
    if len(parts) != 2:
        raise Malformed("not a signer identifier")
    return parts[0].expect(reader.SEQUENCE).raw, parts[1].integer(), None


def _attributes(holder: Element) -> dict[str, tuple[bytes, ...]]:
    """Attribute values by type. Raises Malformed when a type stands twice."""
    found: dict[str, tuple[bytes, ...]] = {}
    for attribute in _bounded(holder, MAX_ATTRIBUTES):
        parts = attribute.expect(reader.SEQUENCE).children()
        if len(parts) != 2:
            raise Malformed("not an attribute")
        oid = parts[0].oid()
        if oid in found:
            raise Malformed("an attribute stands twice")
        found[oid] = tuple(
            value.raw for value in _bounded(parts[1].expect(reader.SET), MAX_ATTRIBUTES)
        )
    return found


def _bounded(element: Element, most: int) -> list[Element]:
    children = element.children()
    if len(children) > most:
        raise Malformed("too many elements")
    return children


def signing_time(signer: SignerFields) -> datetime | None:
    """The time the signer claims, or None."""
    found = signer.one(ids.SIGNING_TIME)
    return None if found is None else found.time()
