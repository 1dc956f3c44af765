"""Monitorings, their commissions, protocols and what follows from them (domain 3.11)."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from backend.payments.monitoring.protocol_text import (
    DraftProtocol,
    Ground,
    MemberKind,
)


class MonitoringKind(StrEnum):
    """Current, by plan; or unscheduled, which needs a basis (321/2020 as amended 27 Feb 2026)."""

    CURRENT = "CURRENT"
    UNSCHEDULED = "UNSCHEDULED"


class MonitoringStatus(StrEnum):
    """Domain 3.11, in order."""

    PLANNED = "PLANNED"
    COMMISSION_FORMED = "COMMISSION_FORMED"
    NOTIFIED = "NOTIFIED"
    IN_PROGRESS = "IN_PROGRESS"
    PROTOCOL_DRAFT = "PROTOCOL_DRAFT"
    PROTOCOL_SIGNED = "PROTOCOL_SIGNED"
    FOLLOW_UP = "FOLLOW_UP"
    CLOSED = "CLOSED"


class TaskStatus(StrEnum):
    """A recommendation: open, reported by the executor, kept or not by the issuer's word."""

    OPEN = "OPEN"
    REPORTED = "REPORTED"
    KEPT = "KEPT"
    NOT_KEPT = "NOT_KEPT"


class PenaltyKind(StrEnum):
    """For a contract not or badly performed; for activity without permits (27 Feb 2026)."""

    PERFORMANCE = "PERFORMANCE"
    NO_PERMIT = "NO_PERMIT"


# --- what is read ---------------------------------------------------------------------------------


class Defect(Struct, frozen=True):
    """A definition of the dictionary; `basis`: the document it comes from."""

    code: str
    valid_from: date
    valid_to: date | None
    title_kk: str
    title_ru: str
    title_en: str
    kinds: tuple[MemberKind, ...]
    grounds: tuple[Ground, ...]
    basis: str | None = None


class Monitoring(Struct, frozen=True):
    """A monitoring. `notify_by`: the last lawful day of notice (d8); none when nobody is told."""

    monitoring_id: UUID
    number: str
    kind: MonitoringKind
    status: MonitoringStatus
    purpose: str
    basis: str | None
    unannounced_basis: str | None
    starts_on: date
    ends_on: date
    repeats: UUID | None
    sample_id: UUID | None
    planned_at: datetime
    commission_id: UUID | None
    protocol_id: UUID | None
    started_at: datetime | None
    signed_at: datetime | None
    closed_at: datetime | None
    closing: str | None


class Covered(Struct, frozen=True):
    """An executor a monitoring covers; a sole proprietor's number is not told."""

    executor_id: UUID
    bin: str | None
    name: str


class Member(Struct, frozen=True):
    """A member of the commission; `signed_at`: when he signed the text that stands now."""

    no: int
    kind: MemberKind
    bin: str
    organisation: str
    name: str
    post: str
    signed_at: datetime | None


class Notice(Struct, frozen=True):
    """What an executor was told, and when it first read it."""

    executor_id: UUID
    starts_on: date
    posted_at: datetime
    read_at: datetime | None


class Move(Struct, frozen=True):
    """A step of a monitoring."""

    status: MonitoringStatus
    at: datetime
    note: str | None


class ShownMonitoring(Struct, frozen=True):
    """A monitoring as its reader may see it; `status_text` in his language."""

    monitoring: Monitoring
    status_text: str
    notify_by: date | None
    executors: list[Covered]
    commission: list[Member]
    notices: list[Notice]
    moves: list[Move]


class ProtocolVersion(Struct, frozen=True):
    """A text of the protocol and how many signed it; `in_force`: the one that counts."""

    protocol_id: UUID
    version: int
    content_sha256: str
    drafted_at: datetime
    signatures: int
    members: int
    in_force: bool


class ProtocolContent(Struct, frozen=True):
    """The exact bytes to sign (base64), and their hash."""

    protocol_id: UUID
    version: int
    content: str
    content_sha256: str


class Finding(Struct, frozen=True):
    """A confirmed non-conformity."""

    finding_id: UUID
    monitoring_id: UUID
    executor_id: UUID
    no: int
    code: str
    title: str
    found_by: MemberKind
    text: str
    recorded_on: date
    ground: Ground | None
    contract_id: UUID | None
    act_id: UUID | None
    confirmed_at: datetime


class Task(Struct, frozen=True):
    """A recommendation to be carried out by the end of `due_on`."""

    task_id: UUID
    monitoring_id: UUID
    monitoring_number: str
    executor_id: UUID
    no: int
    finding_id: UUID | None
    text: str
    due_on: date
    status: TaskStatus
    report: str | None
    reported_at: datetime | None
    judgement: str | None
    judged_at: datetime | None


class Comment(Struct, frozen=True):
    """An executor's comment."""

    comment_id: UUID
    executor_id: UUID
    text: str
    at: datetime


class Penalty(Struct, frozen=True):
    """A penalty."""

    penalty_id: UUID
    finding_id: UUID
    monitoring_id: UUID
    executor_id: UUID
    kind: PenaltyKind
    contract_id: UUID | None
    amount_tiyn: int
    basis: str
    imposed_at: datetime
    lifted_at: datetime | None
    lifted_because: str | None


# --- rows -----------------------------------------------------------------------------------------


class Seat(Struct, frozen=True):
    """A member's place, by which his signature is known."""

    no: int
    bin: str
    iin_hash: bytes
    signed: bool


class ProtocolRow(Struct, frozen=True):
    """A text of the protocol with its bytes."""

    protocol_id: UUID
    monitoring_id: UUID
    version: int
    commission_id: UUID
    draft: DraftProtocol
    content: bytes
    content_sha256: str
    drafted_at: datetime
