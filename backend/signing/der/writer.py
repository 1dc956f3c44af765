"""Writing DER: what we issue and sign ourselves (X.690 §10)."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from backend.signing.der import reader


def tlv(tag: int, content: bytes) -> bytes:
    """One element with a definite, shortest length."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of encoded parts."""
    return tlv(reader.SEQUENCE, b"".join(parts))


def set_of(parts: Iterable[bytes]) -> bytes:
    """A SET OF encoded parts, in the order DER asks for."""
    return tlv(reader.SET, b"".join(sorted(parts)))


def explicit(number: int, content: bytes) -> bytes:
    """`[number]` EXPLICIT, or the constructed form of an IMPLICIT one."""
    return tlv(0xA0 | number, content)


def implicit(number: int, content: bytes) -> bytes:
    """`[number]` IMPLICIT over primitive content octets."""
    return tlv(0x80 | number, content)


def integer(value: int, tag: int = reader.INTEGER) -> bytes:
    """An INTEGER (or ENUMERATED)."""
    return tlv(tag, value.to_bytes((value + (value < 0)).bit_length() // 8 + 1, "big", signed=True))


def boolean(value: bool) -> bytes:
    """A BOOLEAN."""
    return tlv(reader.BOOLEAN, b"\xff" if value else b"\x00")


def octet_string(content: bytes) -> bytes:
    """An OCTET STRING."""
    return tlv(reader.OCTET_STRING, content)


def bit_string(content: bytes) -> bytes:
    """A BIT STRING of whole octets."""
    return tlv(reader.BIT_STRING, b"\x00" + content)


def named_bits(numbers: Iterable[int]) -> bytes:
    """A BIT STRING with these bits set, trailing zero bits cut (X.690 §11.2.2)."""
    chosen = set(numbers)
    if not chosen:
        return tlv(reader.BIT_STRING, b"\x00")
    size = max(chosen) // 8 + 1
    value = sum(1 << (8 * size - 1 - n) for n in chosen)
    return tlv(reader.BIT_STRING, bytes([8 * size - 1 - max(chosen)]) + value.to_bytes(size, "big"))


def null() -> bytes:
    """NULL."""
    return b"\x05\x00"


@lru_cache(maxsize=512)
def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER of dotted text."""
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return tlv(reader.OID, bytes(content))


def utf8(text: str) -> bytes:
    """A UTF8String."""
    return tlv(0x0C, text.encode())


def printable(text: str) -> bytes:
    """A PrintableString."""
    return tlv(0x13, text.encode("ascii"))


def ia5(text: str) -> bytes:
    """An IA5String."""
    return tlv(0x16, text.encode("ascii"))


def time(at: datetime) -> bytes:
    """UTCTime to the end of 2049, GeneralizedTime after (RFC 5280 §4.1.2.5)."""
    if 1950 <= at.year < 2050:
        return tlv(reader.UTC_TIME, at.strftime("%y%m%d%H%M%SZ").encode())
    return generalized_time(at)


def generalized_time(at: datetime) -> bytes:
    """A GeneralizedTime of whole seconds."""
    return tlv(reader.GENERALIZED_TIME, at.strftime("%Y%m%d%H%M%SZ").encode())
