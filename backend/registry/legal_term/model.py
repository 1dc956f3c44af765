"""Terms as people are shown them, and the answers to "what if"."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec


class TermState(StrEnum):
    """How a term stands: DUE_SOON on its last day and the working day before."""

    RUNNING = "RUNNING"
    DUE_SOON = "DUE_SOON"
    KEPT = "KEPT"
    BREACHED = "BREACHED"


class NoticeKind(StrEnum):
    """What is said of a term, once each."""

    REMINDED = "REMINDED"
    BREACHED = "BREACHED"


class TermRow(msgspec.Struct, frozen=True):
    """A stored term; instants in UTC."""

    code: str
    subject: UUID
    owner: str
    started_at: datetime
    due_at: datetime
    done_at: datetime | None
    state: TermState


class ShownTerm(msgspec.Struct, frozen=True):
    """A term with what the law wants done and where it says so.

    `owner`: `issuer`, `executors` (all of them) or `organisation:<id>`; `due_on`: the last legal day.
    """

    code: str
    subject: UUID
    owner: str
    state: TermState
    to_do: str
    source: str
    started_at: datetime
    due_at: datetime
    due_on: date
    done_at: datetime | None


class Noticed(msgspec.Struct, frozen=True):
    """A term that was just found due soon, or missed."""

    code: str
    subject: UUID
    owner: str
    due_at: datetime


class Running(msgspec.Struct, frozen=True):
    """The running terms of one code that one legal day set off."""

    code: str
    started_on: date


class LegalEvent(StrEnum):
    """Events of domain 3.19 that set terms off."""

    PLAN_APPROVED = "plan_approved"
    ANNOUNCED = "announced"
    APPLICATION_SUBMITTED = "application_submitted"
    WINDOW_CLOSED = "window_closed"
    DECISION_SIGNED = "decision_signed"
    CONTRACTS_SIGNED = "contracts_signed"
    MONEY_RECEIVED = "money_received"
    CAUSE_DETECTED = "cause_detected"
    DATA_CHANGED = "data_changed"
    COMPLAINT_REGISTERED = "complaint_registered"
    DRAFT_SENT_TO_MOH = "draft_sent_to_moh"
    LIMITS_DELIVERED = "limits_delivered"
    MONITORING_PLANNED = "monitoring_planned"
    BREAK_PLANNED = "break_planned"


class Step(msgspec.Struct, frozen=True):
    """`code` of domain 3.19: from `since` on, at the latest (a notice: before) `on`.

    `leads_to`: what then has happened, and sets off the next steps.
    """

    code: str
    since: LegalEvent
    since_on: date
    on: date
    leads_to: LegalEvent | None


class ShownStep(msgspec.Struct, frozen=True):
    """A step in words."""

    code: str
    since: LegalEvent
    since_on: date
    on: date
    to_do: str
    source: str
    leads_to: LegalEvent | None


class WhatIf(msgspec.Struct, frozen=True):
    """What follows from `event` on the day `on`, in order of time."""

    event: LegalEvent
    on: date
    steps: list[ShownStep]
