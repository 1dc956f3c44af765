"""Who and in what role, by the profile of the National Certification Centre (ECP.md §1.3)."""

import re
from functools import lru_cache

from msgspec import Struct

from backend.signing.certificate.x509 import NON_REPUDIATION, Certificate
from backend.signing.model import Role

COMMON_NAME, SURNAME, SERIAL_NUMBER, COUNTRY = "2.5.4.3", "2.5.4.4", "2.5.4.5", "2.5.4.6"
ORGANISATION, UNIT, GIVEN_NAME = "2.5.4.10", "2.5.4.11", "2.5.4.42"
USER_ID = "0.9.2342.19200300.100.1.1"

EMAIL_PROTECTION, CLIENT_AUTH = "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2"
TIME_STAMPING, OCSP_SIGNING = "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"

# The extended key usages that are roles; every other one under 1.2.398 is unknown, hence refused
ROLE_OIDS = {
    "1.2.398.3.3.4.1.1": (Role.INDIVIDUAL,),
    "1.2.398.3.3.4.1.1.1": (Role.INDIVIDUAL, Role.INFORMATION_SYSTEM),
    "1.2.398.3.3.4.1.2": (Role.LEGAL_ENTITY,),
    "1.2.398.3.3.4.1.2.1": (Role.HEAD,),
    "1.2.398.3.3.4.1.2.2": (Role.SIGNATORY,),
    "1.2.398.3.3.4.1.2.3": (Role.FINANCE,),
    "1.2.398.3.3.4.1.2.4": (Role.HR,),
    "1.2.398.3.3.4.1.2.5": (Role.EMPLOYEE,),
    "1.2.398.3.3.4.1.2.6": (Role.INFORMATION_SYSTEM,),
    "1.2.398.5.19.1.2.2.1": (Role.TREASURY_CLIENT,),
}
# How the holder was identified (in person, remotely, remote Digital ID): no role, and no reason to refuse
_IDENTIFIED = re.compile(r"1\.2\.398\.3\.3\.4\.3(\.\d+)*\Z")
_KAZAKH_ARC = "1.2.398."
_NUMBER = re.compile(r"(IIN|BIN)([0-9]{12})\Z")


class Holder(Struct, frozen=True):
    """The subject of a certificate. Numbers are as certified, not check-digit tested."""

    iin: str | None
    bin: str | None
    common_name: str | None
    organisation: str | None
    roles: tuple[Role, ...]
    foreign_roles: bool  # a role of another certification centre that we do not map


@lru_cache(maxsize=4096)
def holder_of(certificate: Certificate) -> Holder:
    """Read the holder out of a certificate's subject and extended key usage."""
    numbers: dict[str, set[str]] = {"IIN": set(), "BIN": set()}
    for oid, value in certificate.attributes:
        match = _NUMBER.match(value) if oid in (SERIAL_NUMBER, UNIT) else None
        if match and not (oid == UNIT and match[1] == "IIN"):
            numbers[match[1]].add(match[2])
    known = {role for oid in certificate.extended_key_usage for role in ROLE_OIDS.get(oid, ())}
    foreign = any(
        oid.startswith(_KAZAKH_ARC) and oid not in ROLE_OIDS and not _IDENTIFIED.match(oid)
        for oid in certificate.extended_key_usage
    )
    return Holder(
        iin=_only(numbers["IIN"]),
        bin=_only(numbers["BIN"]),
        common_name=certificate.attribute(COMMON_NAME),
        organisation=certificate.attribute(ORGANISATION),
        roles=tuple(role for role in Role if role in known),
        foreign_roles=foreign,
    )


def may_sign(certificate: Certificate, roles: tuple[Role, ...]) -> bool:
    """Is this a key for signing documents?

    nonRepudiation always; emailProtection marks the NCA's signing keys and is not demanded of
    information systems (CONTRACT.md, `ecp verify`).
    """
    if certificate.key_usage is None or NON_REPUDIATION not in certificate.key_usage:
        return False
    return EMAIL_PROTECTION in certificate.extended_key_usage or Role.INFORMATION_SYSTEM in roles


def _only(values: set[str]) -> str | None:
    """The one value; two different numbers name nobody."""
    return values.pop() if len(values) == 1 else None
