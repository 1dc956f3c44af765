"""Files of attachments, taken in pieces and applied in chunks."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

import msgspec

from backend.registry.brake.model import Effect

FILE_MAX: Final = 2**40  # bytes: fifty times a row for everybody in the country
LINE_MAX: Final = 4_096  # bytes: ten times the longest row there can be


class Format(StrEnum):
    """One row a line: JSON objects, or comma-separated values under a line of names."""

    NDJSON = "ndjson"
    CSV = "csv"


class UploadStatus(StrEnum):
    """How far a file is."""

    RECEIVING = "RECEIVING"
    WEIGHING = "WEIGHING"  # whole; what it would do is being counted
    HELD = "HELD"  # it would do too much: an officer is asked
    APPLYING = "APPLYING"
    DONE = "DONE"
    DISCARDED = "DISCARDED"
    CORRUPT = "CORRUPT"  # its checksum is not the one announced: nothing of it is applied
    ABANDONED = "ABANDONED"  # it never came whole


# Nothing of these is applied: what they left is cleared away.
FAILED: Final = frozenset({UploadStatus.DISCARDED, UploadStatus.CORRUPT, UploadStatus.ABANDONED})


class OpenUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file is announced: how many bytes will come, and their CRC-32 (as zlib and gzip count it)."""

    upload_id: UUID
    format: Format
    bytes: Annotated[int, msgspec.Meta(ge=1, le=FILE_MAX)]
    crc32: Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]


class Upload(msgspec.Struct, frozen=True):
    """A file as its source sees it. `received` bytes are kept: the next piece begins there.

    `staged` rows wait, `refused` are in the repair queue, `recorded` are applied, `repeated` were
    known before; `changed` persons are attached otherwise than before.
    """

    upload_id: UUID
    source: str
    format: Format
    bytes: int
    crc32: int
    status: UploadStatus
    received: int
    lines: int
    staged: int
    refused: int
    recorded: int
    repeated: int
    changed: int
    hold_id: UUID | None
    created_at: datetime
    received_at: datetime | None
    finished_at: datetime | None


class Receiving(msgspec.Struct, frozen=True):
    """What taking the next lines needs to know, under lock."""

    upload_id: UUID
    source: str
    format: Format
    bytes: int
    crc32: int
    status: UploadStatus
    received: int
    sum: int
    lines: int
    columns: tuple[str, ...] | None


class Working(msgspec.Struct, frozen=True):
    """What weighing and applying need to know, under lock."""

    upload_id: UUID
    source: str
    actor: str
    status: UploadStatus
    bytes: int
    crc32: int
    after: UUID
    after_line: int
    effects: tuple[Effect, ...]
