"""Reading an X.509 certificate by slicing its DER: what was signed stays as it was stored.

Bounded and strict: a certificate that is not DER, repeats an extension or disagrees with itself
about its algorithm is Malformed.
"""

import hashlib
from datetime import datetime
from functools import lru_cache

from msgspec import Struct

from backend.signing.der import reader
from backend.signing.der.reader import Element, Malformed

MAX_BYTES = 64 * 1024

KEY_USAGE, BASIC_CONSTRAINTS, EXT_KEY_USAGE = "2.5.29.15", "2.5.29.19", "2.5.29.37"
SUBJECT_KEY_ID, AUTHORITY_KEY_ID = "2.5.29.14", "2.5.29.35"
POLICIES, SUBJECT_ALT_NAME, ISSUER_ALT_NAME = "2.5.29.32", "2.5.29.17", "2.5.29.18"
CRL_POINTS, FRESHEST_CRL = "2.5.29.31", "2.5.29.46"
OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5"
# Critical extensions we process, or that only inform (no name or policy constraints among them)
_UNDERSTOOD = {
    KEY_USAGE, BASIC_CONSTRAINTS, EXT_KEY_USAGE, SUBJECT_KEY_ID, AUTHORITY_KEY_ID,
    POLICIES, SUBJECT_ALT_NAME, ISSUER_ALT_NAME, CRL_POINTS, FRESHEST_CRL, OCSP_NO_CHECK,
}  # fmt: skip

# Bits of KeyUsage (RFC 5280 §4.2.1.3)
DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_CERT_SIGN, CRL_SIGN = 0, 1, 5, 6


class Certificate(Struct, frozen=True, kw_only=True):
    """A parsed certificate. Names and keys are the stored DER; `signature_oid` its algorithm."""

    raw: bytes
    sha256: str
    tbs: bytes
    serial: int
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    spki: bytes
    signature_oid: str
    signature: bytes
    attributes: tuple[tuple[str, str], ...]  # the subject's, in order
    key_usage: frozenset[int] | None
    extended_key_usage: tuple[str, ...]
    is_ca: bool
    path_length: int | None
    subject_key_id: bytes | None
    authority_key_id: bytes | None
    critical_unknown: bool

    @property
    def self_issued(self) -> bool:
        """Do issuer and subject carry the same name?"""
        return self.issuer == self.subject

    def valid_at(self, at: datetime) -> bool:
        """Does `at` lie within the validity, both ends included?"""
        return self.not_before <= at <= self.not_after

    def attribute(self, oid: str) -> str | None:
        """The first attribute of that type in the subject."""
        return next((value for found, value in self.attributes if found == oid), None)


@lru_cache(maxsize=4096)
def parse(raw: bytes) -> Certificate:
    """The certificate in `raw`, DER. Raises Malformed."""
    if len(raw) > MAX_BYTES:
        raise Malformed("the certificate is too large")
    tbs, algorithm, signature = reader.read(raw).expect(reader.SEQUENCE).exactly(3)
    fields = tbs.expect(reader.SEQUENCE).children()
    version = 1
    if fields and fields[0].tag == 0xA0:
        version = fields.pop(0).inside(reader.INTEGER).integer() + 1
    if len(fields) < 6 or version not in (1, 2, 3):
        raise Malformed("a certificate lacks its fields")
    serial, inner, issuer, validity, subject, spki, *rest = fields
    oid = named_algorithm(algorithm)
    if oid != named_algorithm(inner):
        raise Malformed("inner and outer algorithm differ")
    not_before, not_after = validity.expect(reader.SEQUENCE).exactly(2)
    extensions = _extensions(rest, version)
    constraints = _basic_constraints(extensions.get(BASIC_CONSTRAINTS))
    return Certificate(
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        tbs=tbs.raw,
        serial=serial.integer(),
        issuer=issuer.expect(reader.SEQUENCE).raw,
        subject=subject.expect(reader.SEQUENCE).raw,
        not_before=not_before.time(),
        not_after=not_after.time(),
        spki=spki.expect(reader.SEQUENCE).raw,
        signature_oid=oid,
        signature=signature.bits(),
        attributes=tuple(name_attributes(subject)),
        key_usage=_key_usage(extensions.get(KEY_USAGE)),
        extended_key_usage=_oids(extensions.get(EXT_KEY_USAGE)),
        is_ca=constraints[0],
        path_length=constraints[1],
        subject_key_id=_key_id(extensions.get(SUBJECT_KEY_ID)),
        authority_key_id=_authority(extensions.get(AUTHORITY_KEY_ID)),
        critical_unknown=any(
            critical and oid not in _UNDERSTOOD for oid, (critical, _) in extensions.items()
        ),
    )


def algorithm_oid(element: Element) -> str:
    """The identifier of an AlgorithmIdentifier whose parameters are absent or NULL. Raises Malformed."""
    parts = element.expect(reader.SEQUENCE).children()
    if not parts or len(parts) > 2:
        raise Malformed("not an AlgorithmIdentifier")
    if len(parts) == 2 and (parts[1].tag != reader.NULL or parts[1].content):
        raise Malformed("unexpected parameters of an algorithm")
    return parts[0].oid()


def named_algorithm(element: Element) -> str:
    """As `algorithm_oid`; one with parameters of its own (RSA-PSS) is named, but by no name of ours."""
    parts = element.expect(reader.SEQUENCE).children()
    if len(parts) == 2 and parts[1].tag == reader.SEQUENCE:
        return parts[0].oid() + " with parameters"
    return algorithm_oid(element)


def name_attributes(name: Element) -> list[tuple[str, str]]:
    """Type and text of every attribute of a Name that is a text, in order. Raises Malformed."""
    found: list[tuple[str, str]] = []
    for rdn in name.expect(reader.SEQUENCE).children():
        for attribute in rdn.expect(reader.SET).children():
            oid, value = attribute.expect(reader.SEQUENCE).exactly(2)
            if value.is_text:
                found.append((oid.oid(), value.text()))
    return found


def read_extensions(holder: Element) -> dict[str, tuple[bool, bytes]]:
    """Extensions by identifier: (critical, the DER inside). Raises Malformed when one is repeated."""
    found: dict[str, tuple[bool, bytes]] = {}
    for extension in holder.expect(reader.SEQUENCE).children():
        parts = extension.expect(reader.SEQUENCE).children()
        if not 2 <= len(parts) <= 3:
            raise Malformed("not an extension")
        oid = parts[0].oid()
        if oid in found:
            raise Malformed("an extension stands twice")
        critical = parts[1].boolean() if len(parts) == 3 else False
        found[oid] = (critical, parts[-1].expect(reader.OCTET_STRING).content)
    return found


def _extensions(rest: list[Element], version: int) -> dict[str, tuple[bool, bytes]]:
    tags = [element.tag for element in rest]
    if any(tag not in (0x81, 0x82, 0xA3) for tag in tags) or tags != sorted(set(tags)):
        raise Malformed("unexpected fields in a certificate")
    if not tags or tags[-1] != 0xA3:
        return {}
    if version != 3:
        raise Malformed("extensions need version 3")
    return read_extensions(rest[-1].inside(reader.SEQUENCE))


def _key_usage(found: tuple[bool, bytes] | None) -> frozenset[int] | None:
    return None if found is None else reader.read(found[1]).named_bits()


def _oids(found: tuple[bool, bytes] | None) -> tuple[str, ...]:
    if found is None:
        return ()
    return tuple(part.oid() for part in reader.read(found[1]).expect(reader.SEQUENCE).children())


def _basic_constraints(found: tuple[bool, bytes] | None) -> tuple[bool, int | None]:
    if found is None:
        return False, None
    parts = reader.read(found[1]).expect(reader.SEQUENCE).children()
    is_ca = bool(parts and parts[0].tag == reader.BOOLEAN and parts.pop(0).boolean())
    length = parts.pop(0).integer() if parts else None
    if parts or (length is not None and length < 0):
        raise Malformed("not basic constraints")
    return is_ca, length


def _key_id(found: tuple[bool, bytes] | None) -> bytes | None:
    return None if found is None else reader.read(found[1]).expect(reader.OCTET_STRING).content


def _authority(found: tuple[bool, bytes] | None) -> bytes | None:
    if found is None:
        return None
    parts = reader.read(found[1]).expect(reader.SEQUENCE).children()
    return next((part.content for part in parts if part.tag == 0x80), None)


def authority_key_id(extensions: dict[str, tuple[bool, bytes]]) -> bytes | None:
    """The key id of authorityKeyIdentifier among extensions read before."""
    return _authority(extensions.get(AUTHORITY_KEY_ID))
