"""What a device must prove, and which of its visits may be counted. Pure."""

import base64
import hashlib
import itertools
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from backend.kernel import strict_json
from backend.kernel.errors import Invalid
from backend.visits.device.errors import (
    BatchUnsigned,
    DeviceRevoked,
    KeyNotProved,
    ScannedInFuture,
    UploadedTooLate,
)
from backend.visits.device.model import Batch, DeviceRow, NewDevice, Scan

# [ENG] how late a visit may be told. D29 wants the QR at the visit: the citizen's code, which we signed
# within the minute before the scan, says when that was; the upload alone is late.
UPLOAD_WITHIN: Final = timedelta(days=7)
CLOCKS_DIFFER: Final = timedelta(minutes=1)
_REGISTER, _BATCH = b"SD1.register.", b"SD1.batch."


def registering(facility_id: UUID) -> bytes:
    """What a device signs to be registered."""
    return _REGISTER + facility_id.bytes


def batch_octets(document: bytes) -> bytes:
    """What a device signs to tell of visits."""
    return _BATCH + document


def require_key(facility_id: UUID, new: NewDevice) -> bytes:
    """The key of a new device. Raises KeyNotProved unless the device holds its private half."""
    key, proof = _decode(new.public_key), _decode(new.proof)
    if key is None or proof is None or not _is_signed(key, proof, registering(facility_id)):
        raise KeyNotProved(path="proof")
    return key


def read_octets(text: str, path: str) -> bytes:
    """Strict base64. Raises Invalid."""
    found = _decode(text)
    if found is None:
        raise Invalid(path=path)
    return found


def read_batch(document: bytes) -> Batch:
    """What a batch says; nothing is verified yet. Raises Invalid: also when counters do not rise."""
    try:
        strict_json.parse(document)
        batch = msgspec.json.decode(document, type=Batch)
    except (ValueError, msgspec.DecodeError):
        raise Invalid(path="document") from None
    counters = [scan.counter for scan in batch.visits]
    if any(later <= earlier for earlier, later in itertools.pairwise(counters)):
        raise Invalid(path="document.visits")
    return batch


def require_signed(device: DeviceRow, document: bytes, signature: bytes) -> None:
    """Raise BatchUnsigned unless the device signed exactly these bytes."""
    if not _is_signed(device.public_key, signature, batch_octets(document)):
        raise BatchUnsigned(path="signature")


def require_timely(device: DeviceRow, scan: Scan, *, received_at: datetime) -> None:
    """Whether a visit scanned at `scan.at` may be told now.

    Raises ScannedInFuture, UploadedTooLate, DeviceRevoked.
    """
    if scan.at > received_at + CLOCKS_DIFFER:
        raise ScannedInFuture
    if scan.at < received_at - UPLOAD_WITHIN:
        raise UploadedTooLate
    if device.revoked_at is not None and scan.at >= device.revoked_at:
        raise DeviceRevoked


def digest(scan: Scan) -> bytes:
    """By which a counter told again is known to be the same."""
    return hashlib.sha256(msgspec.json.encode(scan)).digest()


def _is_signed(key: bytes, signature: bytes, octets: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, octets)
    except (ValueError, InvalidSignature):
        return False
    return True


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
