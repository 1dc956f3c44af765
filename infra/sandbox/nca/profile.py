"""Certificates in the exact profile of the National Certification Centre (ECP.md §1.3)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from backend.signing.algorithm.keys import SigningKey
from backend.signing.certificate import profile, x509
from backend.signing.cms.build import signature_identifier
from backend.signing.der import writer

POLICY = "1.2.398.3.3.2"
PRACTICE_STATEMENT = "http://pki.gov.kz/cps"
_CPS_QUALIFIER = "1.3.6.1.5.5.7.2.1"
_OCSP_METHOD, _CA_ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
_AUTHORITY_INFO = "1.3.6.1.5.5.7.1.1"
KEYSTORE_TYPE, PKCS12_FILE = "1.2.398.3.3.5", "1.2.398.3.3.5.1.1"

INDIVIDUAL, LEGAL_ENTITY = "1.2.398.3.3.4.1.1", "1.2.398.3.3.4.1.2"
LEGAL_ROLES = {
    "head": f"{LEGAL_ENTITY}.1",
    "signatory": f"{LEGAL_ENTITY}.2",
    "finance": f"{LEGAL_ENTITY}.3",
    "hr": f"{LEGAL_ENTITY}.4",
    "employee": f"{LEGAL_ENTITY}.5",
    "information_system": f"{LEGAL_ENTITY}.6",
}
_KEY_ENCIPHERMENT, _KEY_AGREEMENT = 2, 4
SIGNING_USAGE = (x509.DIGITAL_SIGNATURE, x509.NON_REPUDIATION, _KEY_AGREEMENT)
AUTHENTICATION_USAGE = (x509.DIGITAL_SIGNATURE, _KEY_ENCIPHERMENT)
CA_USAGE = (x509.KEY_CERT_SIGN, x509.CRL_SIGN)


class Template(NamedTuple):
    """What goes into one certificate."""

    subject: bytes
    spki: bytes
    serial: int
    not_before: datetime
    not_after: datetime
    extensions: Sequence[bytes]


def name(*attributes: tuple[str, str]) -> bytes:
    """A Name of one attribute per RDN; numbers and the country are PrintableString, as the NCA's."""
    printable = (profile.SERIAL_NUMBER, profile.COUNTRY)
    return writer.sequence(
        *(
            writer.set_of(
                [
                    writer.sequence(
                        writer.oid(oid),
                        writer.printable(text) if oid in printable else writer.utf8(text),
                    )
                ]
            )
            for oid, text in attributes
        )
    )


def key_id(spki: bytes) -> bytes:
    """The subject key identifier: SHA-1 of the key, the first bit set (the NCA's serial is its rest)."""
    digest = bytearray(hashlib.sha1(spki).digest())
    digest[0] |= 0x80
    return bytes(digest)


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    """One Extension."""
    flag = writer.boolean(True) if critical else b""
    return writer.sequence(writer.oid(oid), flag, writer.octet_string(value))


def ca_extensions(own: bytes, issuer: bytes, path_length: int | None) -> list[bytes]:
    """The extensions of a certification centre's certificate; keys by their identifiers."""
    length = b"" if path_length is None else writer.integer(path_length)
    return [
        extension(
            x509.BASIC_CONSTRAINTS, writer.sequence(writer.boolean(True), length), critical=True
        ),
        extension(x509.KEY_USAGE, writer.named_bits(CA_USAGE), critical=True),
        extension(x509.SUBJECT_KEY_ID, writer.octet_string(own)),
        extension(x509.AUTHORITY_KEY_ID, writer.sequence(writer.implicit(0, issuer))),
        extension(x509.POLICIES, _policies()),
    ]


def leaf_extensions(
    own: bytes, issuer: bytes, usage: Sequence[int], extended: Sequence[str], urls: "Urls"
) -> list[bytes]:
    """The extensions of a person's, an organisation's or a system's certificate."""
    return [
        extension(x509.KEY_USAGE, writer.named_bits(usage), critical=True),
        extension(x509.POLICIES, _policies()),
        extension(_AUTHORITY_INFO, _access(urls)),
        extension(x509.CRL_POINTS, _points(urls.crl)),
        extension(x509.FRESHEST_CRL, _points(urls.delta)),
        extension(x509.EXT_KEY_USAGE, writer.sequence(*map(writer.oid, extended))),
        extension(x509.SUBJECT_KEY_ID, writer.octet_string(own)),
        extension(x509.AUTHORITY_KEY_ID, writer.sequence(writer.implicit(0, issuer))),
        extension(KEYSTORE_TYPE, writer.sequence(writer.oid(PKCS12_FILE))),
    ]


class Urls(NamedTuple):
    """Where a certificate says its status is published."""

    ocsp: str
    issuer: str
    crl: str
    delta: str


def sign_certificate(template: Template, issuer: bytes, key: SigningKey) -> bytes:
    """The certificate in DER, signed by `key` in the name of `issuer`."""
    algorithm = signature_identifier(key.algorithm)
    tbs = writer.sequence(
        writer.explicit(0, writer.integer(2)),
        writer.integer(template.serial),
        algorithm,
        issuer,
        writer.sequence(writer.time(template.not_before), writer.time(template.not_after)),
        template.subject,
        template.spki,
        writer.explicit(3, writer.sequence(*template.extensions)),
    )
    return writer.sequence(tbs, algorithm, writer.bit_string(key.sign(tbs)))


def _policies() -> bytes:
    qualifier = writer.sequence(writer.oid(_CPS_QUALIFIER), writer.ia5(PRACTICE_STATEMENT))
    return writer.sequence(writer.sequence(writer.oid(POLICY), writer.sequence(qualifier)))


def _access(urls: Urls) -> bytes:
    return writer.sequence(
        *(
            writer.sequence(writer.oid(method), writer.implicit(6, url.encode("ascii")))
            for method, url in ((_OCSP_METHOD, urls.ocsp), (_CA_ISSUERS, urls.issuer))
        )
    )


def _points(url: str) -> bytes:
    uri = writer.implicit(6, url.encode("ascii"))
    return writer.sequence(writer.sequence(writer.explicit(0, writer.explicit(0, uri))))
