"""A small reader of DER and BER that only slices: what was signed is hashed as it was stored.

Certificates, CRLs, OCSP answers and time stamps are read strictly (DER: definite, shortest
lengths). CMS may be BER (X.690 §8): indefinite lengths and constructed octet strings.
Everything a hostile sender can choose is bounded: depth, number of children, tag form.
"""

from datetime import UTC, datetime
from functools import lru_cache

MAX_DEPTH = 32
MAX_CHILDREN = 100_000  # of one element, and of everything beneath an indefinite length

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ENUMERATED, UTC_TIME, GENERALIZED_TIME = 0x0A, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
_CONSTRUCTED = 0x20
_TEXT_TAGS = {
    0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1A: "ascii",
    0x1C: "utf-32-be", 0x1E: "utf-16-be",
}  # fmt: skip


class Malformed(ValueError):
    """The bytes are not what the structure demands."""


class Element:
    """One TLV of a buffer: `tag`, its place, and whether BER is allowed beneath it."""

    __slots__ = ("ber", "body", "buf", "end", "start", "stop", "tag")

    def __init__(
        self, buf: bytes, tag: int, start: int, body: int, stop: int, end: int, ber: bool
    ) -> None:
        self.buf, self.tag, self.start = buf, tag, start
        self.body, self.stop, self.end, self.ber = body, stop, end, ber

    @property
    def raw(self) -> bytes:
        """Header and content, as stored."""
        return self.buf[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The content octets, as stored."""
        return self.buf[self.body : self.stop]

    @property
    def definite(self) -> bool:
        """False when the length is of the indefinite form."""
        return self.stop == self.end

    def children(self) -> list["Element"]:
        """The elements inside. Raises Malformed when they do not fill the content exactly."""
        if not self.tag & _CONSTRUCTED:
            raise Malformed("a primitive element has no children")
        found: list[Element] = []
        buf, pos, stop, ber = self.buf, self.body, self.stop, self.ber
        while pos < stop:
            child = _read_at(buf, pos, stop, ber, 0, None)
            found.append(child)
            pos = child.end
            if len(found) > MAX_CHILDREN:
                raise Malformed("too many elements")
        return found

    def exactly(self, count: int) -> list["Element"]:
        """The elements inside, that many and no more."""
        found = self.children()
        if len(found) != count:
            raise Malformed(f"expected {count} elements, found {len(found)}")
        return found

    def first(self) -> "Element":
        """The first element inside."""
        found = self.children()
        if not found:
            raise Malformed("expected an element, found none")
        return found[0]

    def inside(self, tag: int) -> "Element":
        """The single element inside an explicit tag."""
        return self.exactly(1)[0].expect(tag)

    def expect(self, tag: int) -> "Element":
        """Itself, when the tag is this one."""
        if self.tag != tag:
            raise Malformed(f"expected tag {tag:#04x}, found {self.tag:#04x}")
        return self

    def integer(self, tag: int = INTEGER) -> int:
        """The value of an INTEGER (or, asked so, an ENUMERATED) in the shortest form."""
        raw = self.content
        if self.tag != tag or not raw:
            raise Malformed("not an integer")
        if len(raw) > 1 and (
            (raw[0] == 0 and raw[1] < 0x80) or (raw[0] == 0xFF and raw[1] >= 0x80)
        ):
            raise Malformed("an integer is not in its shortest form")
        return int.from_bytes(raw, "big", signed=True)

    def boolean(self) -> bool:
        """The value of a BOOLEAN."""
        if self.tag != BOOLEAN or self.content not in (b"\x00", b"\xff"):
            raise Malformed("not a boolean")
        return self.content == b"\xff"

    def oid(self) -> str:
        """The dotted text of an OBJECT IDENTIFIER."""
        if self.tag != OID:
            raise Malformed("not an object identifier")
        return decode_oid(self.content)

    def octets(self) -> bytes:
        """The value of an OCTET STRING; in BER, the joined parts of a constructed one."""
        if self.tag == OCTET_STRING:
            return self.content
        if self.ber and self.tag == OCTET_STRING | _CONSTRUCTED:
            parts: list[bytes] = []
            _join_octets(self, parts, 0)
            return b"".join(parts)
        raise Malformed("not an octet string")

    def bits(self) -> bytes:
        """The value of a BIT STRING of whole octets."""
        raw = self.content
        if self.tag != BIT_STRING or not raw or raw[0] != 0:
            raise Malformed("not a bit string of whole octets")
        return raw[1:]

    def named_bits(self) -> frozenset[int]:
        """The numbers of the bits that are set in a BIT STRING, counted from the left."""
        raw = self.content
        if self.tag != BIT_STRING or not raw or raw[0] > 7 or (len(raw) == 1 and raw[0]):
            raise Malformed("not a bit string")
        width = 8 * (len(raw) - 1) - raw[0]
        return frozenset(n for n in range(width) if raw[1 + n // 8] >> (7 - n % 8) & 1)

    @property
    def is_text(self) -> bool:
        """Is it a character string?"""
        return self.tag in _TEXT_TAGS

    def text(self) -> str:
        """The text of a character string; signs outside its alphabet are replaced."""
        encoding = _TEXT_TAGS.get(self.tag)
        if encoding is None:
            raise Malformed("not a character string")
        return self.content.decode(encoding, "replace")

    def time(self) -> datetime:
        """The instant of a UTCTime or GeneralizedTime (UTC, as RFC 5280 §4.1.2.5 writes it)."""
        if self.tag not in (UTC_TIME, GENERALIZED_TIME):
            raise Malformed("not a time")
        return decode_time(self.content, short=self.tag == UTC_TIME)


def read(buf: bytes, *, ber: bool = False) -> Element:
    """The one element that fills `buf` exactly. Raises Malformed."""
    element = read_at(buf, 0, len(buf), ber=ber)
    if element.end != len(buf):
        raise Malformed("bytes after the end")
    return element


def read_at(buf: bytes, pos: int, limit: int, *, ber: bool = False) -> Element:
    """The element at `pos`, all of it before `limit`. Raises Malformed."""
    return _read_at(buf, pos, limit, ber, 0, None)


def _read_at(
    buf: bytes, pos: int, limit: int, ber: bool, depth: int, budget: list[int] | None
) -> Element:
    if limit - pos < 2:
        raise Malformed("cut short")
    tag, first = buf[pos], buf[pos + 1]
    if tag & 0x1F == 0x1F:
        raise Malformed("a tag of the long form")
    body = pos + 2
    if first < 0x80:
        stop = body + first
    elif first == 0x80:
        return _read_indefinite(buf, pos, limit, ber, depth, budget or [MAX_CHILDREN])
    else:
        count = first & 0x7F
        if count > 4 or body + count > limit:
            raise Malformed("a length that cannot be")
        length = int.from_bytes(buf[body : body + count], "big")
        if not ber and (length < 0x80 or buf[body] == 0):
            raise Malformed("a length not in its shortest form")
        body += count
        stop = body + length
    if stop > limit:
        raise Malformed("cut short")
    return Element(buf, tag, pos, body, stop, stop, ber)


def _read_indefinite(
    buf: bytes, pos: int, limit: int, ber: bool, depth: int, budget: list[int]
) -> Element:
    """Find the end by reading what is inside; `budget` is what all levels together may read."""
    if not ber or not buf[pos] & _CONSTRUCTED or depth >= MAX_DEPTH:
        raise Malformed("an indefinite length")
    at = pos + 2
    while buf[at : at + 2] != b"\x00\x00":
        budget[0] -= 1
        if budget[0] <= 0:
            raise Malformed("too many elements")
        at = _read_at(buf, at, limit, True, depth + 1, budget).end
    if at + 2 > limit:
        raise Malformed("cut short")
    return Element(buf, buf[pos], pos, pos + 2, at, at + 2, True)


def _join_octets(element: Element, parts: list[bytes], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Malformed("nested too deep")
    for child in element.children():
        if child.tag == OCTET_STRING:
            parts.append(child.content)
        elif child.tag == OCTET_STRING | _CONSTRUCTED:
            _join_octets(child, parts, depth + 1)
        else:
            raise Malformed("not a part of an octet string")


@lru_cache(maxsize=1024)  # a document names the same dozen again and again
def decode_oid(raw: bytes) -> str:
    """The dotted text of the content octets of an OBJECT IDENTIFIER. Raises Malformed."""
    if not raw or raw[-1] & 0x80 or len(raw) > 64:
        raise Malformed("not an object identifier")
    arcs: list[int] = []
    value, fresh = 0, True
    for octet in raw:
        if fresh and octet == 0x80:
            raise Malformed("an object identifier not in its shortest form")
        value = value << 7 | octet & 0x7F
        fresh = not octet & 0x80
        if fresh:
            arcs.append(value)
            value = 0
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))


def decode_time(raw: bytes, *, short: bool) -> datetime:
    """UTCTime (`short`) or GeneralizedTime, always ending in Z; fractions are kept to the microsecond."""
    digits, _, fraction = raw[:-1].partition(b".")
    if raw[-1:] != b"Z" or not digits.isdigit() or len(digits) != (12 if short else 14):
        raise Malformed("not a time in UTC")
    if b"." in raw and (short or not fraction.isdigit()):
        raise Malformed("not a time in UTC")
    text = digits.decode("ascii")
    if short:  # RFC 5280 §4.1.2.5.1: YY 50-99 is 19YY
        text = ("19" if text[:2] >= "50" else "20") + text
    try:
        return datetime(
            int(text[:4]), int(text[4:6]), int(text[6:8]),
            int(text[8:10]), int(text[10:12]), int(text[12:14]),
            int(fraction[:6].ljust(6, b"0") or b"0") if fraction else 0, tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        raise Malformed("not a time") from None
