"""Devices, what they sign, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

BATCH_MAX = 1_000  # visits of one batch
COUNTED = "COUNTED"
_Base64 = Annotated[str, Meta(min_length=1, max_length=100)]


class NewDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device of a facility: its Ed25519 key (base64 of 32 bytes), and that it holds the private half.

    `proof` is base64 of its signature over `SD1.register.` and the 16 bytes of the facility's id.
    """

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"\S")]
    public_key: _Base64
    proof: _Base64


class Gap(msgspec.Struct, frozen=True):
    """Counters that never came, `first` to `last`: visits the device made and did not tell."""

    first: int
    last: int


class DeviceRow(msgspec.Struct, frozen=True):
    """A row of visits.device, and the highest counter it told."""

    device_id: UUID
    facility_id: UUID
    name: str
    public_key: bytes
    registered_at: datetime
    revoked_at: datetime | None
    last_counter: int


class DeviceGap(msgspec.Struct, frozen=True):
    """A gap, and whose it is."""

    device_id: UUID
    first: int
    last: int


class Device(msgspec.Struct, frozen=True):
    """A device as its clinic sees it; at most a hundred gaps."""

    device_id: UUID
    facility_id: UUID
    name: str
    public_key: str
    registered_at: datetime
    revoked_at: datetime | None
    last_counter: int
    gaps: list[Gap]


class UploadBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A batch: base64 of its bytes, and of the device's Ed25519 signature over `SD1.batch.` and them."""

    document: Annotated[str, Meta(min_length=1, max_length=1_000_000)]
    signature: _Base64


class Scan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One visit: the citizen's own code, and when the device scanned it, by its own clock."""

    counter: Annotated[int, Meta(ge=1, lt=2**53)]
    at: Annotated[datetime, Meta(tz=True)]
    code: Annotated[str, Meta(min_length=1, max_length=200)]
    document_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a device signs. Counters rise by one from 1 on, over all its batches, and rise within one."""

    device_id: UUID
    visits: Annotated[list[Scan], Meta(min_length=1, max_length=BATCH_MAX)]


class Told(msgspec.Struct, frozen=True):
    """What became of a counter before."""

    counter: int
    record_sha256: bytes
    result: str
    visit_id: UUID | None


class Fate(StrEnum):
    """What an upload did with one counter."""

    COUNTED = "COUNTED"
    REPEATED = "REPEATED"
    REFUSED = "REFUSED"


class ScanResult(msgspec.Struct, frozen=True):
    """A counter's fate. `code` and `message` say why it is refused (also when it was, the first time)."""

    counter: int
    fate: Fate
    visit_id: UUID | None
    code: str | None
    message: str | None


class BatchTaken(msgspec.Struct, frozen=True):
    """What became of a batch, counter by counter, and which counters of the device are missing."""

    batch_id: UUID
    device_id: UUID
    counted: int
    repeated: int
    refused: int
    results: list[ScanResult]
    gaps: list[Gap]
