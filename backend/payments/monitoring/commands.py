"""What the issuer, the members and the executors sign or send about monitorings."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from backend.kernel.money import AMOUNT_MAX
from backend.payments.monitoring.model import MonitoringKind, PenaltyKind
from backend.payments.monitoring.protocol_text import Ground, MemberKind, Words

EXECUTORS_MAX = 100
MEMBERS_MAX = 50
CODES_MAX = 5_000

Line = Annotated[
    str, Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]
Sha256Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Amount = Annotated[int, Meta(ge=1, le=AMOUNT_MAX)]
DefectCode = Annotated[str, Meta(pattern=r"^[A-Z0-9][A-Z0-9._-]{0,31}\Z")]


class DefectDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the classifier. `kinds`: whose powers it lies in; `grounds`: what may follow."""

    code: DefectCode
    valid_from: date
    title_kk: Line
    title_ru: Line
    title_en: Line
    kinds: Annotated[frozenset[MemberKind], Meta(min_length=1)]
    grounds: frozenset[Ground] = frozenset()


class DefectEnd(Struct, frozen=True, forbid_unknown_fields=True):
    """A code that is no more after that day, and that nothing replaces."""

    code: DefectCode
    valid_to: date


class SetDefectCodes(
    Struct, frozen=True, forbid_unknown_fields=True, tag="defect_codes.set", tag_field="operation"
):
    """Definitions of defects; one that replaces another ends it the day before it begins.

    `basis`: the document they come from, with its number and date. No classifier is in the release: the
    Fund's own is entered here, a whole version at once.
    """

    basis: Line
    rows: Annotated[tuple[DefectDraft, ...], Meta(max_length=CODES_MAX)] = ()
    ends: Annotated[tuple[DefectEnd, ...], Meta(max_length=CODES_MAX)] = ()


class PlanMonitoring(
    Struct, frozen=True, forbid_unknown_fields=True, tag="monitoring.plan", tag_field="operation"
):
    """A monitoring is planned. `unannounced_basis`: the case of the rules in which nobody is told."""

    kind: MonitoringKind
    purpose: Words
    executors: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=EXECUTORS_MAX)]
    starts_on: date
    ends_on: date
    basis: Words | None = None
    unannounced_basis: Words | None = None
    repeats: UUID | None = None
    sample_id: UUID | None = None


class MemberDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """A member of the commission, by the numbers that stand in his certificate."""

    kind: MemberKind
    bin: str
    organisation: Line
    name: Line
    post: Line
    iin: str


class FormCommission(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="monitoring.form_commission",
    tag_field="operation",
):
    """The issuer's decision on the commission (M §20); given anew, it replaces the one before."""

    monitoring_id: UUID
    members: Annotated[tuple[MemberDraft, ...], Meta(min_length=1, max_length=MEMBERS_MAX)]


class NotifyExecutors(
    Struct, frozen=True, forbid_unknown_fields=True, tag="monitoring.notify", tag_field="operation"
):
    """The executors covered are told through the portal (M §20)."""

    monitoring_id: UUID
    starts_on: date


class RescheduleMonitoring(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    tag="monitoring.reschedule",
    tag_field="operation",
):
    """Other days, before it starts; who was told is told again."""

    monitoring_id: UUID
    starts_on: date
    ends_on: date
    reason: Words


class CloseMonitoring(
    Struct, frozen=True, forbid_unknown_fields=True, tag="monitoring.close", tag_field="operation"
):
    """Everything that was recommended has been judged."""

    monitoring_id: UUID
    text: Words


class CommentMonitoring(
    Struct, frozen=True, forbid_unknown_fields=True, tag="monitoring.comment", tag_field="operation"
):
    """What an executor has to say about a monitoring of it."""

    monitoring_id: UUID
    text: Words


class ReportTask(
    Struct, frozen=True, forbid_unknown_fields=True, tag="follow_up.report", tag_field="operation"
):
    """The executor reports that a recommendation is carried out; the document's hash, if any."""

    task_id: UUID
    text: Words
    document_sha256: Sha256Hex | None = None


class JudgeTask(
    Struct, frozen=True, forbid_unknown_fields=True, tag="follow_up.judge", tag_field="operation"
):
    """The issuer says whether it was: kept after a report, not kept after a report or the term."""

    task_id: UUID
    outcome: Literal["KEPT", "NOT_KEPT"]
    text: Words


class ImposePenalty(
    Struct, frozen=True, forbid_unknown_fields=True, tag="penalty.impose", tag_field="operation"
):
    """A penalty for a confirmed finding; one of a kind for each."""

    finding_id: UUID
    kind: PenaltyKind
    amount_tiyn: Amount
    basis: Words
    contract_id: UUID | None = None


class LiftPenalty(
    Struct, frozen=True, forbid_unknown_fields=True, tag="penalty.lift", tag_field="operation"
):
    """A penalty is taken back."""

    penalty_id: UUID
    because: Words


class SignProtocol(Struct, frozen=True, forbid_unknown_fields=True):
    """A detached CMS (base64) over the protocol's content."""

    signature: str
