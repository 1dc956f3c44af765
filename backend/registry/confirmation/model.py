"""An outside system's word about an organisation."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Kind(StrEnum):
    """What is asked: whether the legal entity is registered (GBD UL), whether statements are posted (dfo.kz)."""

    LEGAL_ENTITY = "LEGAL_ENTITY"
    STATEMENTS = "STATEMENTS"


class Status(StrEnum):
    """Borne out, denied, or not answered."""

    CONFIRMED = "CONFIRMED"
    REFUTED = "REFUTED"
    UNKNOWN = "UNKNOWN"


class Answer(Struct, frozen=True):
    """What was answered; `as_of`: how old the record is, None when there was no answer."""

    status: Status
    as_of: datetime | None


class Confirmation(Struct, frozen=True):
    """An answer as it is kept; `year` of the statements."""

    kind: Kind
    status: Status
    year: int | None
    as_of: datetime | None
    asked_at: datetime


class Due(Struct, frozen=True):
    """An organisation to be asked about."""

    organisation_id: UUID
    number: str
    year: int | None
