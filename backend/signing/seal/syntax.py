"""The little of PDF's syntax that adding a signature needs (ISO 32000-1 §7.3, §7.5).

Objects stay the octets they are: a dictionary is its keys and the octets of their values. What is
not touched is copied, never written anew.
"""

import re

from backend.signing.seal.errors import PdfUnfit

Dictionary = dict[bytes, bytes]

MAX_DEPTH = 64
_SPACE = re.compile(rb"(?:[\0\t\n\f\r ]|%[^\r\n]*)*")
_PLAIN = re.compile(rb"[^\0\t\n\f\r ()<>\[\]{}/%]+")
_REFERENCE = re.compile(
    rb"(\d{1,10})[\0\t\n\f\r ]+(\d{1,5})[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>\[\]{}/%])"
)
_NAME = re.compile(rb"/[^\0\t\n\f\r ()<>\[\]{}/%]*")
_HEX = re.compile(rb"<[0-9A-Fa-f\0\t\n\f\r ]*>")
_STRING_PART = re.compile(rb"[^()\\]*(?:\\.[^()\\]*)*", re.DOTALL)


def skip_space(raw: bytes, at: int) -> int:
    """Past white space and comments."""
    found = _SPACE.match(raw, at)
    return found.end() if found else at


def end_of(raw: bytes, at: int, depth: int = 0) -> int:
    """Where the object that begins at `at` ends. Raises PdfUnfit."""
    if depth > MAX_DEPTH:
        raise PdfUnfit(reason="nested too deep")
    first = raw[at : at + 1]
    if raw[at : at + 2] == b"<<":
        return _end_of_many(raw, at + 2, b">>", depth)
    if first == b"[":
        return _end_of_many(raw, at + 1, b"]", depth)
    if first == b"(":
        return _end_of_string(raw, at)
    for pattern in (_HEX, _NAME, _REFERENCE, _PLAIN):
        found = pattern.match(raw, at)
        if found:
            return found.end()
    raise PdfUnfit(reason="not an object")


def _end_of_many(raw: bytes, at: int, closing: bytes, depth: int) -> int:
    at = skip_space(raw, at)
    while not raw.startswith(closing, at):
        at = skip_space(raw, end_of(raw, at, depth + 1))
    return at + len(closing)


def _end_of_string(raw: bytes, at: int) -> int:
    depth = 0
    while at < len(raw):
        if raw[at : at + 1] == b"(":
            depth += 1
        elif raw[at : at + 1] == b")":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
        found = _STRING_PART.match(raw, at)
        at = found.end() if found else at
    raise PdfUnfit(reason="a string without an end")


def items(raw: bytes) -> list[bytes]:
    """The elements of an array. Raises PdfUnfit."""
    if raw[:1] != b"[":
        raise PdfUnfit(reason="not an array")
    found, at = [], skip_space(raw, 1)
    while raw[at : at + 1] != b"]":
        stop = end_of(raw, at)
        found.append(raw[at:stop])
        at = skip_space(raw, stop)
    return found


def dictionary(raw: bytes, at: int = 0) -> Dictionary:
    """Keys and values, in order. Raises PdfUnfit."""
    if raw[at : at + 2] != b"<<":
        raise PdfUnfit(reason="not a dictionary")
    found: Dictionary = {}
    at = skip_space(raw, at + 2)
    while raw[at : at + 2] != b">>":
        stop = end_of(raw, at)
        key, at = raw[at:stop], skip_space(raw, stop)
        if key[:1] != b"/" or key in found:
            raise PdfUnfit(reason="a key that is no name, or stands twice")
        stop = end_of(raw, at)
        found[key] = raw[at:stop]
        at = skip_space(raw, stop)
    return found


def written(entries: Dictionary) -> bytes:
    """A dictionary as octets."""
    return b"<<" + b"".join(key + b" " + value for key, value in entries.items()) + b">>"


def array(elements: list[bytes]) -> bytes:
    """An array as octets."""
    return b"[" + b" ".join(elements) + b"]"


def reference(raw: bytes) -> int | None:
    """The object number of a reference; None for anything else."""
    found = _REFERENCE.fullmatch(raw)
    return int(found[1]) if found else None


def whole_number(raw: bytes | None) -> int:
    """A whole number, not negative. Raises PdfUnfit."""
    if raw is None or not re.fullmatch(rb"\d{1,10}", raw):
        raise PdfUnfit(reason="not a whole number")
    return int(raw)


def text(value: str) -> bytes:
    """A text string: UTF-16 with its mark, in hex (§7.9.2.2)."""
    return b"<" + ("\ufeff" + value).encode("utf-16-be").hex().upper().encode() + b">"
