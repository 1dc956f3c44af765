"""A change of a plan: what it asks, on which grounds, by which route, how far it is."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from backend.allocation.plan.model import CODE_PATTERN, Amount, LineDraft, Source
from backend.kernel.money import AMOUNT_MAX

EDITS_MAX = 5_000
Code = Annotated[str, Meta(pattern=CODE_PATTERN)]
Tariff = Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
Ground = Annotated[int, Meta(ge=1, le=10)]
Words = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=r"\S")]


class Route(StrEnum):
    """AGREEMENT: the ministry agrees (P ¶19). SILENCE: ten working days without remarks (P ¶20)."""

    AGREEMENT = "AGREEMENT"
    SILENCE = "SILENCE"


class ChangeStatus(StrEnum):
    """SENT_TO_MOH -> AGREED or REMARKS, or silence; then APPLIED, or WITHDRAWN."""

    SENT_TO_MOH = "SENT_TO_MOH"
    AGREED = "AGREED"
    REMARKS = "REMARKS"
    APPLIED = "APPLIED"
    WITHDRAWN = "WITHDRAWN"


class SetUnits(Struct, frozen=True, forbid_unknown_fields=True, tag="UNITS", tag_field="kind"):
    """Let the line `code` have so many units in all (tiyn on a money line); 0 closes it."""

    code: Code
    planned_units: Amount


class AddLine(Struct, frozen=True, forbid_unknown_fields=True, tag="ADD", tag_field="kind"):
    """A new line."""

    line: LineDraft


class ReplaceLine(Struct, frozen=True, forbid_unknown_fields=True, tag="REPLACE", tag_field="kind"):
    """Free what is not committed of the line `code`, and follow it by `new_code` with another tariff.

    Contracts keep the tariff they were signed with.
    """

    code: Code
    new_code: Code
    tariff_tiyn: Tariff
    planned_units: Amount


Edit = SetUnits | AddLine | ReplaceLine


class SendChange(
    Struct, frozen=True, forbid_unknown_fields=True, tag="plan_change.send", tag_field="operation"
):
    """The issuer sends the draft of a change to the ministry. New limits where money comes or goes."""

    plan_id: UUID
    grounds: Annotated[list[Ground], Meta(min_length=1, max_length=10)]
    justification: Words
    edits: Annotated[list[Edit], Meta(min_length=1, max_length=EDITS_MAX)]
    gvfmc_limit: Amount | None = None
    mhi_limit: Amount | None = None


class Outcome(StrEnum):
    """What the ministry answers."""

    AGREED = "AGREED"
    REMARKS = "REMARKS"


class AnswerChange(
    Struct, frozen=True, forbid_unknown_fields=True, tag="plan_change.answer", tag_field="operation"
):
    """The ministry agrees, or makes remarks; remarks need words."""

    change_id: UUID
    outcome: Outcome
    remarks: Words | None = None


class ApplyChange(
    Struct, frozen=True, forbid_unknown_fields=True, tag="plan_change.apply", tag_field="operation"
):
    """The issuer's head brings the change into force."""

    change_id: UUID


class WithdrawChange(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="plan_change.withdraw",
    tag_field="operation",
):
    """The issuer takes the draft back."""

    change_id: UUID


class PlanChange(Struct, frozen=True):
    """A change as stored; `applicable_from`: on the silence route, the first instant to apply it."""

    change_id: UUID
    plan_id: UUID
    no: int
    grounds: list[int]
    route: Route
    status: ChangeStatus
    justification: str
    gvfmc_limit_tiyn: int | None
    mhi_limit_tiyn: int | None
    sent_at: datetime
    silence_ends_at: datetime | None
    answered_at: datetime | None
    remarks: str | None
    ended_at: datetime | None


class EditRow(Struct, frozen=True):
    """An edit as stored."""

    kind: str
    code: str
    planned_units: int
    line: LineDraft | None
    new_code: str | None
    tariff_tiyn: int | None


class LineNow(Struct, frozen=True):
    """A line as it stands, and what of it is promised.

    `committed_units`: in contracts; `announced_units`: in announcements without a signed decision.
    """

    line_id: UUID
    code: str
    source: Source
    planned_units: int
    tariff_tiyn: int | None
    amount_tiyn: int
    committed_units: int
    announced_units: int


class LineChange(Struct, frozen=True):
    """What a change does to a line that is there."""

    line_id: UUID
    units_before: int
    units_after: int
    amount_before: int
    amount_after: int


class NewLine(Struct, frozen=True):
    """A line a change adds; with `replaces`, what the new line has in common with the old one is copied."""

    draft: LineDraft | None
    replaces: UUID | None
    code: str
    planned_units: int
    tariff_tiyn: int | None


class Outline(Struct, frozen=True):
    """Everything a change does once it is applied."""

    changes: list[LineChange]
    added: list[NewLine]


class ShownChange(Struct, frozen=True):
    """A change with its grounds in words and its edits."""

    change: PlanChange
    ground_texts: list[str]
    edits: list[EditRow]
