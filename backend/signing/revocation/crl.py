"""Certificate revocation lists (RFC 5280 §5), base and delta.

Our own reader: the NCA's CRL writes its inner and outer AlgorithmIdentifier differently, which
stricter libraries refuse (ECP.md §3.4). Entries are indexed in one pass, dates are read when asked.
"""

from datetime import datetime

from msgspec import Struct

from backend.signing.algorithm import backend
from backend.signing.certificate import x509
from backend.signing.certificate.x509 import Certificate
from backend.signing.der import reader
from backend.signing.der.reader import Element, Malformed
from backend.signing.model import Revocation
from backend.signing.trust.path import Issuer

MAX_BYTES = 256 * 1024 * 1024
_NUMBER, _DELTA, _REASON = "2.5.29.20", "2.5.29.27", "2.5.29.21"
_ISSUING_POINT = "2.5.29.28"
_UNDERSTOOD = {_NUMBER, _DELTA, _ISSUING_POINT, x509.AUTHORITY_KEY_ID, x509.FRESHEST_CRL}
_REMOVE_FROM_CRL = 8


class Crl(Struct, frozen=True, kw_only=True):
    """A parsed CRL; `places` maps a serial's content octets to its entry's offset in `raw`."""

    raw: bytes
    tbs: bytes
    issuer: bytes
    this_update: datetime
    next_update: datetime | None
    signature_oid: str
    signature: bytes
    places: dict[bytes, int]
    number: int | None
    base_number: int | None
    authority_key_id: bytes | None
    usable: bool  # False when its scope leaves out the signers' certificates

    def signed_by(self, issuer: Issuer) -> bool:
        """Is it the issuer's own list?"""
        algorithm = backend.SIGNATURE_OIDS.get(self.signature_oid)
        return (
            self.issuer == issuer.subject
            and algorithm is not None
            and backend.verify(issuer.spki, algorithm, self.tbs, self.signature)
        )

    def fresh_at(self, at: datetime) -> bool:
        """Not stale at `at`. A list made later than `at` is fresh: it knows more."""
        return self.next_update is not None and at <= self.next_update

    def entry(self, serial: int) -> tuple[datetime, int | None] | None:
        """Since when, and for which stated reason, a serial is revoked; None when it is not listed.

        Raises Malformed for an entry that cannot be read.
        """
        content = serial.to_bytes((serial + (serial < 0)).bit_length() // 8 + 1, "big", signed=True)
        place = self.places.get(content)
        if place is None:
            return None
        fields = reader.read_at(self.raw, place, len(self.raw)).children()
        if not 2 <= len(fields) <= 3:
            raise Malformed("not an entry of a CRL")
        reason = None
        if len(fields) > 2:
            found = x509.read_extensions(fields[2])
            if _REASON in found:
                reason = reader.read(found[_REASON][1]).integer(reader.ENUMERATED)
        return fields[1].time(), reason


def parse(raw: bytes) -> Crl:
    """The CRL in DER. Raises Malformed."""
    if len(raw) > MAX_BYTES:
        raise Malformed("the CRL is too large")
    parts = reader.read(raw).expect(reader.SEQUENCE).children()
    if len(parts) != 3:
        raise Malformed("not a CRL")
    fields = parts[0].expect(reader.SEQUENCE).children()
    if fields and fields[0].tag == reader.INTEGER:
        fields.pop(0)
    if len(fields) < 3:
        raise Malformed("a CRL lacks its fields")
    inner, issuer, this_update, *rest = fields
    oid = x509.algorithm_oid(parts[1])
    if oid != x509.algorithm_oid(inner):
        raise Malformed("inner and outer algorithm differ")
    next_update = None
    if rest and rest[0].tag in (reader.UTC_TIME, reader.GENERALIZED_TIME):
        next_update = rest.pop(0).time()
    places: dict[bytes, int] = {}
    if rest and rest[0].tag == reader.SEQUENCE:
        places = _index(rest.pop(0))
    extensions = x509.read_extensions(rest.pop(0).inside(reader.SEQUENCE)) if rest else {}
    if rest:
        raise Malformed("unexpected fields in a CRL")
    return Crl(
        raw=raw, tbs=parts[0].raw, issuer=issuer.expect(reader.SEQUENCE).raw,
        this_update=this_update.time(), next_update=next_update,
        signature_oid=oid, signature=parts[2].bits(), places=places,
        number=_integer(extensions, _NUMBER), base_number=_integer(extensions, _DELTA),
        authority_key_id=x509.authority_key_id(extensions),
        usable=_usable(extensions),
    )  # fmt: skip


def _index(entries: Element) -> dict[bytes, int]:
    """Offsets of the entries by serial, in one pass without an object for each."""
    buf, pos, stop = entries.buf, entries.body, entries.stop
    places: dict[bytes, int] = {}
    while pos < stop:
        # two short lengths, as every entry of the NCA's half a million has; whatever else, below
        if pos + 4 <= stop and buf[pos] == reader.SEQUENCE and buf[pos + 2] == reader.INTEGER:
            end, serial_end = pos + 2 + buf[pos + 1], pos + 4 + buf[pos + 3]
            if serial_end <= end <= stop and buf[pos + 1] < 0x80 and buf[pos + 3] < 0x80:
                places[buf[pos + 4 : serial_end]] = pos
                pos = end
                continue
        entry = reader.read_at(buf, pos, stop).expect(reader.SEQUENCE)
        serial = reader.read_at(buf, entry.body, entry.stop).expect(reader.INTEGER)
        places[buf[serial.body : serial.stop]] = pos
        pos = entry.end
    return places


def _integer(extensions: dict[str, tuple[bool, bytes]], oid: str) -> int | None:
    found = extensions.get(oid)
    return None if found is None else reader.read(found[1]).integer()


def _usable(extensions: dict[str, tuple[bool, bytes]]) -> bool:
    """No critical extension we do not know, and a scope that takes in end certificates."""
    if any(critical and oid not in _UNDERSTOOD for oid, (critical, _) in extensions.items()):
        return False
    point = extensions.get(_ISSUING_POINT)
    if point is None:
        return True
    # RFC 5280 §5.2.5: [0] the point's name and [1] onlyContainsUserCerts leave our leaf in
    return all(
        part.tag in (0xA0, 0x81)
        for part in reader.read(point[1]).expect(reader.SEQUENCE).children()
    )


def status(lists: list[Crl], leaf: Certificate, at: datetime) -> Revocation:
    """What lists that are their issuer's own say of `leaf` at `at`.

    The newest base list decides, with the deltas made for it. A revocation counts from its date
    on. A list made after the certificate expired may have dropped it, and proves nothing good.
    """
    chosen = deciding(lists, at)
    if not chosen:
        return Revocation()
    base, *deltas = chosen
    entry, latest = base.entry(leaf.serial), base.this_update
    for delta in deltas:
        changed = delta.entry(leaf.serial)
        if changed is not None:
            entry = None if changed[1] == _REMOVE_FROM_CRL else changed
        latest = max(latest, delta.this_update)
    if entry is not None:
        since, reason = entry
        return Revocation("revoked" if since <= at else "good", "crl", since, reason)
    if latest > leaf.not_after:
        return Revocation()
    return Revocation("good", "crl")


def deciding(lists: list[Crl], at: datetime) -> list[Crl]:
    """Of one issuer's lists those that decide at `at`: the newest base, then its deltas by age."""
    usable = [one for one in lists if one.usable and one.fresh_at(at)]
    bases = [one for one in usable if one.base_number is None]
    if not bases:
        return []
    base = max(bases, key=lambda one: (one.this_update, one.number or 0))
    deltas = [delta for delta in usable if _applies(delta, base)]
    return [base, *sorted(deltas, key=lambda one: one.this_update)]


def _applies(delta: Crl, base: Crl) -> bool:
    return (
        delta.base_number is not None
        and base.number is not None
        and delta.number is not None
        and delta.base_number <= base.number <= delta.number
    )
