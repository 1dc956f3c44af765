"""Visits and the commands that register them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

CodeText = Annotated[str, Meta(min_length=1, max_length=200)]


class Grade(StrEnum):
    """How well a visit is proved, best first. The first three are QR visits (M §15(3), D29)."""

    QR_BIOMETRIC = "QR_BIOMETRIC"
    QR_DOCUMENT = "QR_DOCUMENT"
    QR_ONLY = "QR_ONLY"
    NONE = "NONE"


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the phone says it is (WGS 84, degrees), and how sure it is. Only the distance is kept."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_m: Annotated[int, Meta(ge=0, le=100_000)]


class CheckIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A citizen checks in: the text of the facility's QR code, and a finished biometric session.

    `place` is evidence that the person was there; without it, or far away, the visit is taken too.
    """

    code: CodeText
    biometric_session_id: UUID | None = None
    place: Place | None = None


class DeskVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A clerk registers a visit at a facility of the clinic.

    `code` is the citizen's own QR code, scanned from the phone; without it `iin` names the person
    and the visit is not a QR visit. `document_sha256` is the hash of the digital document shown.
    """

    facility_id: UUID
    iin: Annotated[str, Meta(max_length=12)] | None = None
    code: CodeText | None = None
    biometric_session_id: UUID | None = None
    document_sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


class Visit(msgspec.Struct, frozen=True):
    """A registered visit. `visit_date` is the legal day."""

    visit_id: UUID
    facility_id: UUID
    executor_id: UUID
    at: datetime
    visit_date: date
    grade: Grade


class NewVisit(msgspec.Struct, frozen=True):
    """What is written, once everything is judged but the race."""

    person_id: UUID
    visit_id: UUID
    facility_id: UUID
    at: datetime
    visit_date: date
    grade: Grade
    code_id: UUID | None = None
    personal_nonce: bytes | None = None
    biometric_session_id: UUID | None = None
    document_sha256: bytes | None = None
    place: Place | None = None


class Standing(msgspec.Struct, frozen=True):
    """Why a visit could not be written: asked only then."""

    visit_id: UUID
    account_open: bool
    qr_consent: bool
    biometric_consent: bool
    closed_on: date | None
    code_live: bool
    biometric_good: bool
    biometric_pending: bool
    nonce_used: bool
    first_visit_id: UUID | None


class Scanned(msgspec.Struct, frozen=True):
    """A citizen's code that was scanned for the first time."""

    person_id: UUID
    nonce: bytes


class DayCount(msgspec.Struct, frozen=True):
    """Visits of one grade."""

    grade: Grade
    visits: int


class FacilityDay(msgspec.Struct, frozen=True):
    """A facility's legal day: all visits, and by grade."""

    facility_id: UUID
    visit_date: date
    visits: int
    by_grade: dict[str, int]
