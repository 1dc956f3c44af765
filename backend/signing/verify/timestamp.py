"""RFC 3161 time stamps over a signature: when valid, they set the reference time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from backend.signing.algorithm import backend
from backend.signing.certificate import x509
from backend.signing.certificate.profile import TIME_STAMPING
from backend.signing.certificate.x509 import Certificate
from backend.signing.cms import identifiers as ids
from backend.signing.cms import parse
from backend.signing.cms.claims import Stamp, claims_of
from backend.signing.der import reader
from backend.signing.der.reader import Malformed
from backend.signing.model import Code
from backend.signing.trust import path
from backend.signing.trust.path import TrustPath
from backend.signing.trust.store import TrustStore

MAX_TOKENS = 8


class Stamped(NamedTuple):
    """A stamp that holds: the time it proves, and whose certificate it is believed by."""

    at: datetime
    authority: Certificate
    path: TrustPath


def believed(
    stamps: Sequence[Stamp], others: Sequence[Certificate], trust: TrustStore
) -> list[Stamped]:
    """Those of a signature's stamps that hold, the earliest first. Revocation is asked elsewhere."""
    found = [read(token, over, others, trust) for token, over in stamps[:MAX_TOKENS]]
    return sorted((one for one in found if one is not None), key=lambda one: one.at)


def read(
    token: bytes, stamped: bytes, others: Sequence[Certificate], trust: TrustStore
) -> Stamped | None:
    """What a token over the octets `stamped` proves, when all of it holds, else None.

    It holds when the authority's signature is sound, its certificate is for time stamping only and
    leads to an anchor in force at genTime, and the imprint is that of `stamped`.
    """
    try:
        signed = parse.parse(token)
        if signed.content_type != ids.TST_INFO or signed.content is None:
            return None
        (claim,) = claims_of(signed, signed.content)
        when, imprint_oid, imprint = _info(signed.content)
    except (Malformed, ValueError):
        return None
    digest, authority = backend.NAMING.get(imprint_oid), claim.certificate
    if claim.integrity is not Code.OK or digest is None or authority is None:
        return None
    if imprint != digest(stamped) or authority.extended_key_usage != (TIME_STAMPING,):
        return None
    found = path.build(authority, [*claim.others, *others], trust, when)
    return Stamped(when, authority, found) if found is not None and found.in_force else None


def _info(raw: bytes) -> tuple[datetime, str, bytes]:
    """genTime and the message imprint of a TSTInfo (RFC 3161 §2.4.2). Raises Malformed."""
    fields = reader.read(raw).expect(reader.SEQUENCE).children()
    if len(fields) < 5 or fields[0].integer() != 1:
        raise Malformed("not TSTInfo")
    parts = fields[2].expect(reader.SEQUENCE).children()
    if len(parts) != 2:
        raise Malformed("not a message imprint")
    return fields[4].time(), x509.algorithm_oid(parts[0]), parts[1].octets()
