"""A file of contributions on its way, and the rows of it that wait for an officer."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

import msgspec

from backend.registry.entitlement.model import Period, ReceiptKind
from backend.sources.state_corporation.model import FileFormat, LineKind

# base64 of what a request may carry (`body_max_bytes`); larger files are fetched
POSTED_MAX: Final = 15_000_000
Reason = Annotated[
    str, msgspec.Meta(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class FileStatus(StrEnum):
    """How far a file is."""

    RECEIVING = "RECEIVING"
    STAGING = "STAGING"  # whole; its rows are being read and judged
    WEIGHING = "WEIGHING"  # hash, rows and sums are those announced; what it takes back is counted
    HELD = "HELD"  # it would take back too much: an officer is asked
    APPLYING = "APPLYING"
    DONE = "DONE"
    REFUSED = "REFUSED"  # not what was announced, or unreadable: nothing of it is taken
    DISCARDED = "DISCARDED"  # by the officer who was asked


class Channel(StrEnum):
    """Who moved: we fetched the file, or it was posted."""

    FETCHED = "FETCHED"
    POSTED = "POSTED"


class Fault(StrEnum):
    """Why a row waits for repair."""

    IIN_INVALID = "IIN_INVALID"
    INSURED_NOT_FOUND = "INSURED_NOT_FOUND"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    PAYER_INVALID = "PAYER_INVALID"
    DATE_IN_FUTURE = "DATE_IN_FUTURE"
    PERIOD_INVALID = "PERIOD_INVALID"
    DUPLICATE_RECEIPT = "DUPLICATE_RECEIPT"
    REFUND_TOO_LARGE = "REFUND_TOO_LARGE"
    REVERSAL_MISMATCH = "REVERSAL_MISMATCH"


# What becomes right by itself: the person is entered, the day comes.
HEALS: Final = frozenset({Fault.INSURED_NOT_FOUND, Fault.DATE_IN_FUTURE})


class PostFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file handed in: `content` is base64, `sha256` (hex) of its bytes."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")]
    format: FileFormat
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    content: Annotated[str, msgspec.Meta(min_length=4, max_length=POSTED_MAX)]


class FileReport(msgspec.Struct, frozen=True):
    """A file and what came of it: `records` = `taken` + `repeated` + `to_repair` when it is DONE.

    `refused_line` is the first row at fault, 0 where none is.
    """

    file_id: UUID
    source: str
    name: str
    format: FileFormat
    channel: Channel
    status: FileStatus
    bytes: int
    received: int
    number: str | None
    day: date | None
    records: int | None
    receipts_tiyn: int | None
    returns_tiyn: int | None
    taken: int
    repeated: int
    to_repair: int
    refused_code: str | None
    refused_line: int | None
    hold_id: UUID | None
    created_at: datetime
    finished_at: datetime | None


class FaultCount(msgspec.Struct, frozen=True):
    """So many rows of the file went to repair for this reason; `waiting` of them still wait."""

    code: Fault
    rows: int
    waiting: int


class ImportReport(msgspec.Struct, frozen=True):
    """The import report."""

    file: FileReport
    faults: tuple[FaultCount, ...]


class Working(msgspec.Struct, frozen=True):
    """What a step needs to know of its file, under lock."""

    file_id: UUID
    source: str
    name: str
    format: FileFormat
    sha256: bytes
    status: FileStatus
    received: int
    applied_to: int
    records: int | None


class Held(msgspec.Struct, frozen=True):
    """A file held by the brake."""

    file_id: UUID
    status: FileStatus


class Applied(msgspec.Struct, frozen=True):
    """A slice of receipts: how many were new, known already, and clash with what is known."""

    taken: int
    repeated: int


class StagedLine(msgspec.Struct, frozen=True):
    """A row that clashes with what is known under its reference."""

    line: int
    kind: LineKind
    ref: str
    day: date
    amount_tiyn: int
    period: str | None
    receipt_kind: str | None
    payer_bin: str | None
    payer_kind: str | None
    original_ref: str | None


class Original(msgspec.Struct, frozen=True):
    """A refund or reversal that waits, and the payment it takes back, under lock."""

    ref: str
    kind: LineKind
    original_ref: str
    amount_tiyn: int
    day: date
    file_id: UUID
    line: int
    person_id: UUID
    contribution_id: UUID
    paid_on: date
    received_tiyn: int
    refunded_tiyn: int
    refunded_on: date | None


class Settled(msgspec.Struct, frozen=True):
    """A payment after what was taken back of it."""

    person_id: UUID
    contribution_id: UUID
    refunded_tiyn: int
    refunded_on: date


class RepairStatus(StrEnum):
    """A row waits; or is out of the queue, and how."""

    WAITING = "WAITING"
    FIXED = "FIXED"
    HEALED = "HEALED"
    SUPERSEDED = "SUPERSEDED"
    DISCARDED = "DISCARDED"


class Repair(msgspec.Struct, frozen=True):
    """A row in the queue, without whom it names: ask for it alone to see its numbers."""

    repair_id: UUID
    file_id: UUID
    line: int
    code: Fault
    kind: LineKind
    ref: str
    day: date
    amount_tiyn: int
    status: RepairStatus
    received_at: datetime
    tried_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None


class SealedRepair(msgspec.Struct, frozen=True):
    """A row that waits, with its sealed content."""

    repair_id: UUID
    file_id: UUID
    line: int
    code: Fault
    sealed: bytes


class RepairContent(msgspec.Struct, frozen=True):
    """The row as it was told, numbers and all; and the notes of who looked and what was done."""

    repair: Repair
    iin: str | None
    payer: str | None
    payer_kind: str | None
    period: str | None
    receipt_kind: ReceiptKind | None
    original_ref: str | None
    notes: tuple["Note", ...]


class Note(msgspec.Struct, frozen=True):
    """Who did what with a row."""

    at: datetime
    actor: str
    action: str
    told: str


class Fix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right numbers of a receipt; what is left out stays as told.

    An IIN given for a closed account says: it is his nevertheless (an employer may pay late).
    """

    reason: Reason
    iin: str | None = None
    payer: str | None = None
    period: Period | None = None


class Discard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The row will never be right."""

    reason: Reason


class RepairSummary(msgspec.Struct, frozen=True):
    """So many rows wait for one reason, worth so much, the oldest since then."""

    code: Fault
    waiting: int
    amount_tiyn: int
    oldest_at: datetime
