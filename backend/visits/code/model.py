"""Codes and the keys that sign them."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.kernel.elapsed import Reading


class CodePayload(msgspec.Struct, frozen=True):
    """What a facility's QR code says. `issued_on` is a legal date."""

    code_id: UUID
    facility_id: UUID
    key_number: int
    issued_on: date


class PersonalPayload(msgspec.Struct, frozen=True):
    """What a citizen's own QR code says: an opaque person, when it was made, a nonce, and for whom.

    Without `facility_id` it serves at whichever clinic scans it first. `made` is the machine's own time.
    """

    person_id: UUID
    issued_at: datetime
    made: Reading
    nonce: bytes
    facility_id: UUID | None = None


class FacilityCode(msgspec.Struct, frozen=True):
    """A facility's live code: the text inside the QR, and the picture as SVG."""

    code_id: UUID
    facility_id: UUID
    code: str
    svg: str
    issued_at: datetime


class StoredCode(msgspec.Struct, frozen=True):
    """A row of visits.facility_code."""

    code_id: UUID
    facility_id: UUID
    code: str
    issued_at: datetime


class OwnFacility(msgspec.Struct, frozen=True):
    """A facility of the asking executor; `closed_on` is the first day without care there."""

    facility_id: UUID
    organisation_id: UUID
    production: bool
    closed_on: date | None


class ClosedCode(msgspec.Struct, frozen=True):
    """A code that ended with its facility."""

    code_id: UUID
    facility_id: UUID
    organisation_id: UUID


class PublicKey(msgspec.Struct, frozen=True):
    """A key that clinics verify codes with, offline: raw Ed25519, base64."""

    key_number: int
    algorithm: str
    public_key: str
    created_at: datetime
    retired_at: datetime | None


class KeyRow(msgspec.Struct, frozen=True):
    """A stored key pair; the private half is sealed under the key's number."""

    key_number: int
    public_key: bytes
    private_sealed: bytes
    created_at: datetime
    retired_at: datetime | None


class PersonalCode(msgspec.Struct, frozen=True):
    """A citizen's own code to show at the desk once, before `expires_at`."""

    code: str
    svg: str
    expires_at: datetime
