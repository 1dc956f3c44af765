"""Outside systems' word about what an application says."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.allocation.application.model import ApplicationStatus, Contents, Manual


class Kind(StrEnum):
    """A licence of the application, or the tax body's data about its applicant."""

    LICENCE = "LICENCE"
    TAX = "TAX"


class Status(StrEnum):
    """Borne out, denied, or not answered. Of the tax body's data CONFIRMED means that they are there."""

    CONFIRMED = "CONFIRMED"
    REFUTED = "REFUTED"
    UNKNOWN = "UNKNOWN"


class Reason(StrEnum):
    """Why a licence is denied."""

    NO_SUCH_LICENCE = "NO_SUCH_LICENCE"
    NOT_VALID = "NOT_VALID"
    OTHER_ADDRESS = "OTHER_ADDRESS"
    OTHER_SUB_KINDS = "OTHER_SUB_KINDS"


class Confirmation(Struct, frozen=True):
    """One answer. `place`: of the licence in the application, from 0. Debt in tiyn; a debt rejects by
    itself nothing (D37)."""

    kind: Kind
    place: int
    status: Status
    reason: Reason | None
    debt_tiyn: int | None
    untimely: int | None
    as_of: datetime | None
    asked_at: datetime


class ManualRow(Struct, frozen=True):
    """A paper as it was taken."""

    place: int
    document: Manual
    taken_at: datetime


class Asked(Struct, frozen=True):
    """An application to be asked about."""

    application_id: UUID
    announcement_id: UUID
    executor_id: UUID
    number: str
    status: ApplicationStatus
    contents: Contents
