"""Octets of extracts: the canonical file, its code, the promise, and the seal on a PDF. Pure."""

import base64
import re
import struct
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from backend.registry.extract.model import ExtractFile, Kind, LoggedOperation
from backend.registry.log import rules as log_rules
from backend.registry.log.model import OpClass, Operation

# The operations each kind lists (M §30): the extract of an account shows what was registered on it.
LISTED = {
    Kind.ACCOUNT: (OpClass.ACCOUNT, OpClass.POLICY),
    Kind.POLICY: (),
    Kind.INFORMATION_OPERATIONS: (OpClass.INFORMATION,),
    Kind.POLICY_EVENTS: (OpClass.POLICY,),
}
OP_TYPE = {
    Kind.ACCOUNT: "ACCOUNT_EXTRACT",
    Kind.POLICY: "POLICY_EXTRACT",
    Kind.INFORMATION_OPERATIONS: "INFORMATION_OPERATIONS_LIST",
    Kind.POLICY_EVENTS: "POLICY_EVENTS_LIST",
}
ENTRIES_MAX = 500  # of one document; how many there are in all is told
CODE_LENGTH = 20  # of 32 signs: 100 bits, which nobody guesses
PDF_MARK = b"%SX1 "
_PROMISE_CONTEXT = b"saqtau-log-promise-v1\n"
_PROMISE = struct.Struct(">QQH32s")  # given, kept by: milliseconds since 1970; key; leaf
_PDF_CONTEXT = b"saqtau-extract-pdf-v1\n"
# Crockford's signs: none is taken for another
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("OIL", "011", "- ")
_START = b"startxref\n"
_SEALED = re.compile(rb"%SX1 (\d{1,5}) ([A-Za-z0-9+/]{86}==)\n(?=startxref\n\d{1,10}\n%%EOF)")
_END = re.compile(rb"startxref\n\d{1,10}\n%%EOF")


class NotSealed(ValueError):
    """The PDF carries no seal of the log's key."""


def canonical(value: Any) -> bytes:
    """The one way to write it: keys sorted, no space, UTF-8."""
    return msgspec.json.encode(value, order="sorted")


def digest(document: Any) -> bytes:
    """The hash of a document, whether read or made."""
    return sha256(canonical(document)).digest()


def file_octets(file: ExtractFile) -> bytes:
    """The file, as it is handed out."""
    return canonical(file)


def code_of(digest: bytes) -> str:
    """The code printed on paper: the first 100 bits of the document's hash."""
    number = int.from_bytes(digest) >> (256 - 5 * CODE_LENGTH)
    return "".join(_SIGNS[number >> (5 * n) & 31] for n in reversed(range(CODE_LENGTH)))


def shown_code(code: str) -> str:
    """In fours, to be read aloud."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def read_code(text: str) -> str:
    """A code as people write it."""
    return text.upper().translate(_ALIKE)


def logged(operation: Operation) -> LoggedOperation:
    """An operation as the file carries it."""
    return LoggedOperation(
        subject_id=operation.subject_id,
        seq=operation.seq,
        op_class=operation.op_class.value,
        op_type=operation.op_type,
        at=operation.at,
        actor=operation.actor,
        basis_kind=operation.basis_kind.value,
        basis_id=operation.basis_id,
        content=operation.content,
        previous=operation.previous.hex(),
        hash=operation.hash.hex(),
    )


def promise_octets(leaf: bytes, at: datetime, until: datetime, key_number: int) -> bytes:
    """What a promise's signature stands over."""
    given, kept = log_rules.milliseconds(at), log_rules.milliseconds(until)
    return _PROMISE_CONTEXT + _PROMISE.pack(given, kept, key_number, leaf)


# --- the seal on a PDF: a comment before its end, over every other octet -------------------------


def pdf_digest(pdf: bytes) -> bytes:
    """What the seal's signature stands over."""
    return _PDF_CONTEXT + sha256(pdf).digest()


def with_seal(pdf: bytes, key_number: int, signature: bytes) -> bytes:
    """The PDF with its seal; the table of objects stands before it and stays right."""
    at = pdf.rindex(_START)
    mark = b"%b%d %b\n" % (PDF_MARK, key_number, base64.b64encode(signature))
    return pdf[:at] + mark + pdf[at:]


def without_seal(sealed: bytes) -> tuple[bytes, int, bytes, bytes]:
    """The PDF as it was, the key's number, the signature, and what was appended behind it.

    Raises NotSealed.
    """
    found = _SEALED.search(sealed)
    if found is None or sealed.count(PDF_MARK) != 1:
        raise NotSealed
    end = _END.match(sealed, found.end())
    assert end is not None, "the pattern looked ahead"
    signature = base64.b64decode(found[2])
    if base64.b64encode(signature) != found[2]:  # one way to write it
        raise NotSealed
    pdf = sealed[: found.start()] + sealed[found.end() : end.end()]
    return pdf, int(found[1]), signature, sealed[end.end() :]
