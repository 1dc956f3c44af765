"""What the files of the State Corporation say."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

import msgspec

FILE_MAX: Final = 1_000_000_000  # bytes: eight million rows
PIECE: Final = 1_048_576  # bytes fetched and kept at once


class FileFormat(StrEnum):
    """The documented CSV, and the two ISO 20022 messages of a bank to its customer."""

    CSV = "csv"
    CAMT_053 = "camt.053"
    CAMT_054 = "camt.054"


class LineKind(StrEnum):
    """A payment for a month; a part or the whole of one paid back; one that never should have been."""

    RECEIPT = "RECEIPT"
    REFUND = "REFUND"
    REVERSAL = "REVERSAL"


class Line(msgspec.Struct, frozen=True):
    """One row, as it was told: of sound shape, its sense not yet judged. Amounts in tiyn.

    `number` is its line (CSV) or its place among the transactions (camt), from 1. A receipt has
    period, receipt_kind and iin; a refund and a reversal have original_ref. `payer` None: the person.
    """

    number: int
    kind: LineKind
    ref: str
    day: date
    amount_tiyn: int
    period: str | None = None
    receipt_kind: str | None = None
    iin: str | None = None
    payer: str | None = None
    payer_kind: str | None = None
    original_ref: str | None = None


class Header(msgspec.Struct, frozen=True):
    """What the file says of itself: how many rows, and what was received and given back in all."""

    number: str
    day: date
    records: int
    receipts_tiyn: int
    returns_tiyn: int


class ListedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file as the signed list names it; `sha256` in hex."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")]
    format: FileFormat
    bytes: Annotated[int, msgspec.Meta(ge=1, le=FILE_MAX)]
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class FileList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The files that lie ready, in the order they were made."""

    files: Annotated[tuple[ListedFile, ...], msgspec.Meta(max_length=10_000)]


class SignedList(msgspec.Struct, frozen=True):
    """The list's exact bytes and a detached CMS over them, both base64."""

    document: str
    signature: str
