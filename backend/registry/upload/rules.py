"""Cutting pieces into lines and reading them. Pure."""

import csv
import re
from collections.abc import Sequence
from io import BytesIO
from typing import Final

import msgspec

from backend.registry.attachment.model import AttachmentEntry
from backend.registry.upload.errors import HeaderInvalid, LineTooLong
from backend.registry.upload.model import LINE_MAX

_DECODER: Final = msgspec.json.Decoder(AttachmentEntry)
_DIGITS: Final = re.compile(r"[0-9]+ [0-9]+")
_NAMES: Final = frozenset(AttachmentEntry.__struct_fields__)
_NEEDED: Final = frozenset({"iin", "executor_bin", "since"})


def lines_of(piece: bytes, *, to_end: bool) -> list[bytes]:
    """The whole lines of a piece, with their ends; only the last of the file may lack one.

    Raises LineTooLong.
    """
    lines = BytesIO(piece).readlines()
    if any(len(line) > LINE_MAX for line in lines):
        raise LineTooLong
    if lines and not to_end and not lines[-1].endswith(b"\n"):
        lines.pop()
    return lines


def header(line: bytes) -> tuple[str, ...]:
    """The columns a CSV file names in its first line. Raises HeaderInvalid."""
    try:
        columns = tuple(line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n").decode().split(","))
    except UnicodeDecodeError:
        raise HeaderInvalid from None
    if len(set(columns)) < len(columns) or not _NEEDED <= set(columns) <= _NAMES:
        raise HeaderInvalid
    return columns


def read(line: bytes, columns: Sequence[str] | None) -> AttachmentEntry | None:
    """The row of a line, JSON unless `columns` are given; None when it is none.

    Numbers are digits, however wrong: no NUL or half a surrogate goes further than this.
    """
    try:
        entry = _DECODER.decode(line) if columns is None else _from_csv(line, columns)
    except (msgspec.MsgspecError, UnicodeDecodeError, csv.Error, ValueError):
        return None
    return entry if _DIGITS.fullmatch(f"{entry.iin} {entry.executor_bin}") else None


def _from_csv(line: bytes, columns: Sequence[str]) -> AttachmentEntry:
    (cells,) = csv.reader([line.rstrip(b"\r\n").decode()], strict=True)
    told = {name: cell for name, cell in zip(columns, cells, strict=True) if cell != ""}
    return msgspec.convert(told, AttachmentEntry, strict=False)


def is_blank(line: bytes) -> bool:
    """An empty line says nothing and is nobody's fault."""
    return not line.strip()
