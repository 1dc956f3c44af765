"""Capacities: questions to the systems, their answers, what is known and how old it is."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.allocation.decision.model import Unit


class ReadingOutcome(StrEnum):
    """What a system said. Silence is no answer (D28)."""

    KNOWN = "KNOWN"
    ABSENT = "ABSENT"
    UNAVAILABLE = "UNAVAILABLE"


class Freshness(StrEnum):
    """Whether a capacity may be used."""

    FRESH = "FRESH"
    STALE = "STALE"
    UNKNOWN = "UNKNOWN"


class Asked(Struct, frozen=True):
    """An applicant, or a registered co-executor, and what is to be known of him."""

    executor_id: UUID
    number: str
    service_type: str
    region: str
    unit: Unit


class Reading(Struct, frozen=True):
    """One system's answer about one of them."""

    system: str
    outcome: ReadingOutcome
    capacity: int | None = None
    as_of: datetime | None = None


class Measured(Struct, frozen=True):
    """What two answers come to; None: neither keeps a record."""

    capacity: int | None
    as_of: datetime | None


class Run(Struct, frozen=True):
    """What a run of questions came to."""

    run_id: UUID
    asked: int
    known: int
    absent: int
    unavailable: int


class CapacityRow(Struct, frozen=True):
    """A capacity an announcement needs, as it is in force, and what each system last said."""

    executor_id: UUID
    executor_name: str
    service_type: str
    region: str
    unit: Unit
    capacity: int | None
    as_of: datetime | None
    sur: str | None
    sumt: str | None


class CapacityView(Struct, frozen=True):
    """A capacity with whether it may be used now."""

    row: CapacityRow
    freshness: Freshness


class Applicant(Struct, frozen=True):
    """An application on one line, with the applicant's own capacity there."""

    application_id: UUID
    executor_id: UUID
    seq_no: int
    capacity: int | None


class Partner(Struct, frozen=True):
    """A co-executor's part of an application on one line, with the co-executor's own capacity there."""

    application_id: UUID
    co_executor_no: int
    executor_id: UUID
    requested: int
    capacity: int
