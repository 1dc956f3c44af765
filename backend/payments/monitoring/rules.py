"""What a monitoring needs at each step, and what its protocol may say (M §19-22). Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from backend.kernel.calendar import LegalCalendar
from backend.kernel.terms import Term, TermInvalid, add_term, last_day
from backend.payments.monitoring.commands import (
    DefectDraft,
    DefectEnd,
    MemberDraft,
    PlanMonitoring,
)
from backend.payments.monitoring.errors import (
    BasisMissing,
    CommissionIncomplete,
    DefectCodesInvalid,
    DefectUnknown,
    EarlierUnassessed,
    MemberUnfit,
    MonitoredUnknown,
    MonitoringDates,
    MonitoringStateWrong,
    NoticeTooLate,
    OutsidePowers,
    ProtocolInvalid,
)
from backend.payments.monitoring.model import (
    Covered,
    Defect,
    Finding,
    Member,
    Monitoring,
    MonitoringKind,
    MonitoringStatus,
)
from backend.payments.monitoring.protocol_text import (
    DraftProtocol,
    EarlierTask,
    Ground,
    MemberKind,
    Nonconformity,
    Recommendation,
)

_S = MonitoringStatus
NOTICE: Final = "d8"  # at least five working days before (M §20)
FOLLOW_UP: Final = "d18"  # a recommendation's term, as the protocol says
BEFORE_START: Final = (_S.COMMISSION_FORMED, _S.NOTIFIED)
# The commission may change until everybody has signed.
COMMISSION_CHANGES: Final = (_S.PLANNED, *BEFORE_START, _S.IN_PROGRESS, _S.PROTOCOL_DRAFT)


def require_status(monitoring: Monitoring, *wanted: MonitoringStatus) -> None:
    """Raises MonitoringStateWrong with the status it has."""
    if monitoring.status not in wanted:
        raise MonitoringStateWrong(status=monitoring.status.value)


def require_plan(command: PlanMonitoring, today: date) -> None:
    """Raises MonitoringDates, BasisMissing, MonitoredUnknown for an executor named twice."""
    require_dates(command.starts_on, command.ends_on, today)
    if command.kind is MonitoringKind.UNSCHEDULED and command.basis is None:
        raise BasisMissing(path="document.basis")
    if len(set(command.executors)) != len(command.executors):
        raise MonitoredUnknown(path="document.executors")


def require_dates(starts_on: date, ends_on: date, today: date) -> None:
    """It does not begin in the past and does not end before it begins. Raises MonitoringDates."""
    if starts_on < today:
        raise MonitoringDates(path="document.starts_on")
    if ends_on < starts_on:
        raise MonitoringDates(path="document.ends_on")


def notify_by(calendar: LegalCalendar, starts_on: date) -> date:
    """The last lawful day to tell the executors: five full working days lie between (d8, D15)."""
    return last_day(calendar, NOTICE, starts_on)


def require_in_time(calendar: LegalCalendar, starts_on: date, today: date) -> None:
    """Raises NoticeTooLate with the day that was the last."""
    last = notify_by(calendar, starts_on)
    if today > last:
        raise NoticeTooLate(last=last.isoformat())


def require_complete(members: Sequence[MemberDraft], seats: Mapping[MemberKind, set[str]]) -> None:
    """All five kinds, each member once, each of an organisation that has such a seat (M §20).

    `seats`: the numbers of the organisations that may send a member of each kind. Raises
    CommissionIncomplete, MemberUnfit.
    """
    present = {member.kind for member in members}
    for kind in MemberKind:
        if kind not in present:
            raise CommissionIncomplete(path="document.members", missing=kind.value)
    named: set[str] = set()
    for place, member in enumerate(members):
        if member.iin in named:
            raise MemberUnfit(path=f"document.members[{place}].iin")
        named.add(member.iin)
        if member.bin not in seats[member.kind]:
            raise MemberUnfit(path=f"document.members[{place}].bin")


def require_new_codes(rows: Sequence[DefectDraft], ends: Sequence[DefectEnd], today: date) -> None:
    """Something is set, each code once, nothing of a day gone by. Raises DefectCodesInvalid."""
    if not rows and not ends:
        raise DefectCodesInvalid(path="document.rows")
    named: set[str] = set()
    for place, row in enumerate(rows):
        if row.code in named:
            raise DefectCodesInvalid(path=f"document.rows[{place}].code")
        if row.valid_from < today:
            raise DefectCodesInvalid(path=f"document.rows[{place}].valid_from")
        named.add(row.code)
    for place, end in enumerate(ends):
        if end.code in named:
            raise DefectCodesInvalid(path=f"document.ends[{place}].code")
        if end.valid_to < today:
            raise DefectCodesInvalid(path=f"document.ends[{place}].valid_to")
        named.add(end.code)


# --- the protocol -----------------------------------------------------------------------------------


def require_draft(
    draft: DraftProtocol,
    *,
    covered: Collection[UUID],
    defects: Mapping[str, Sequence[Defect]],
    earlier: Sequence[EarlierTask],
    starts_on: date,
    today: date,
) -> None:
    """The blocks fit the monitoring: its executors, the dictionary, the powers, what came before.

    Raises ProtocolInvalid, DefectUnknown, OutsidePowers, EarlierUnassessed, each with the place.
    """
    for place, found in enumerate(draft.nonconformities):
        path = f"nonconformities[{place}]"
        if found.executor_id not in covered:
            raise ProtocolInvalid(path=f"{path}.executor_id")
        if not starts_on <= found.recorded_on <= today:
            raise ProtocolInvalid(path=f"{path}.recorded_on")
        _require_defect(found, defects.get(found.code, ()), path)
    for place, asked in enumerate(draft.recommendations):
        _require_recommendation(asked, draft.nonconformities, covered, f"recommendations[{place}]")
    _require_assessed(draft, {task.task_id for task in earlier})


def _require_defect(found: Nonconformity, defects: Sequence[Defect], path: str) -> None:
    defect = _in_force(found, defects)
    if defect is None:
        raise DefectUnknown(path=f"{path}.code")
    if found.found_by not in defect.kinds:
        raise OutsidePowers(path=f"{path}.found_by")
    if found.ground is not None and found.ground not in defect.grounds:
        raise DefectUnknown(path=f"{path}.ground")


def _in_force(found: Nonconformity, defects: Sequence[Defect]) -> Defect | None:
    """The definition of the day it was recorded."""
    on = found.recorded_on
    for d in defects:
        if d.code == found.code and d.valid_from <= on and (d.valid_to is None or on <= d.valid_to):
            return d
    return None


def defect_of(found: Nonconformity, defects: Sequence[Defect]) -> Defect:
    """The definition a finding was accepted by; definitions are never changed, so it stands."""
    defect = _in_force(found, defects)
    assert defect is not None, "the draft was judged by it"
    return defect


def _require_recommendation(
    asked: Recommendation, found: Sequence[Nonconformity], covered: Collection[UUID], path: str
) -> None:
    if asked.executor_id not in covered:
        raise ProtocolInvalid(path=f"{path}.executor_id")
    try:
        Term.parse(asked.term)
    except TermInvalid:
        raise ProtocolInvalid(path=f"{path}.term") from None
    if asked.nonconformity is None:
        return
    number = asked.nonconformity
    if number > len(found) or found[number - 1].executor_id != asked.executor_id:
        raise ProtocolInvalid(path=f"{path}.nonconformity")


def _require_assessed(draft: DraftProtocol, earlier: set[UUID]) -> None:
    said = [assessment.task_id for assessment in draft.earlier]
    for place, task_id in enumerate(said):
        if task_id not in earlier or task_id in said[:place]:
            raise ProtocolInvalid(path=f"earlier[{place}].task_id")
    if missing := earlier - set(said):
        raise EarlierUnassessed(path="earlier", count=len(missing))


def content(
    protocol_id: UUID,
    version: int,
    monitoring: Monitoring,
    members: Sequence[Member],
    covered: Sequence[Covered],
    earlier: Sequence[EarlierTask],
    draft: DraftProtocol,
    on: date,
) -> bytes:
    """Exactly the bytes every member signs: the four blocks of M §21 as canonical JSON."""
    assessed = {assessment.task_id: assessment for assessment in draft.earlier}
    text: dict[str, Any] = {
        "document": "saqtau/monitoring-protocol/1",
        "protocol_id": protocol_id,
        "version": version,
        "monitoring": {
            "number": monitoring.number,
            "kind": monitoring.kind,
            "purpose": monitoring.purpose,
            "basis": monitoring.basis,
            "unannounced_basis": monitoring.unannounced_basis,
            "starts_on": monitoring.starts_on,
            "ends_on": monitoring.ends_on,
        },
        "facts": {
            "date": on,
            "commission": [
                {
                    "no": m.no,
                    "kind": m.kind,
                    "bin": m.bin,
                    "organisation": m.organisation,
                    "name": m.name,
                    "post": m.post,
                }
                for m in members
            ],
            "executors": covered,
        },
        "nonconformities": draft.nonconformities,
        "recommendations": draft.recommendations,
        "earlier": [
            {"task": task, "outcome": assessed[task.task_id].outcome, "text": assessed[task.task_id].text}
            for task in earlier
        ],
        "other": draft.other,
    }  # fmt: skip
    return msgspec.json.encode(text, order="deterministic")


def due_on(calendar: LegalCalendar, asked: Recommendation, signed_on: date) -> date:
    """The last day of a recommendation's term, counted from the day the protocol was signed (D3)."""
    return add_term(calendar, signed_on, Term.parse(asked.term))


class Consequence(msgspec.Struct, frozen=True):
    """What the confirmed findings of one executor are ground for."""

    findings: int
    recorded_on: date | None
    contract_id: UUID | None
    address_mismatch_on: date | None


def consequences(findings: Sequence[Finding]) -> list[Consequence]:
    """What follows for one executor: one for each contract T2 names, or one for all its contracts.

    T2 counts from the earliest day such a finding was recorded (D10). A finding that names no contract
    is about all of them; findings that do never reach a contract nobody named.
    """
    mismatch = min((f.recorded_on for f in findings if f.ground is Ground.S1), default=None)
    terminating = [f for f in findings if f.ground is Ground.T2]
    by_contract: dict[UUID | None, date] = {}
    of_all = not terminating or any(f.contract_id is None for f in terminating)
    for f in terminating:
        contract_id = None if of_all else f.contract_id
        by_contract[contract_id] = min(f.recorded_on, by_contract.get(contract_id, f.recorded_on))
    told: list[tuple[UUID | None, date | None]] = [*by_contract.items()] or [(None, None)]
    return [
        Consequence(len(findings), recorded_on, contract_id, None if place else mismatch)
        for place, (contract_id, recorded_on) in enumerate(told)
    ]
