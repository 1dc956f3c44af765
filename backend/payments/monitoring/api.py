"""Monitorings over HTTP: their steps up to the protocol, and reading them."""

from uuid import UUID

from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from backend.kernel.actor import COMMISSION, EXECUTOR, ISSUER, ISSUER_SIGNERS, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.ids import IinInvalid
from backend.kernel.resources import Resources
from backend.payments.examples import SIGNED
from backend.payments.monitoring import follow_up_api, protocol_api
from backend.payments.monitoring.commands import (
    CloseMonitoring,
    FormCommission,
    NotifyExecutors,
    PlanMonitoring,
    RescheduleMonitoring,
    SetDefectCodes,
)
from backend.payments.monitoring.errors import (
    BasisMissing,
    CommissionIncomplete,
    DefectCodesInvalid,
    FollowUpOpen,
    MemberUnfit,
    MonitoredUnknown,
    MonitoringDates,
    MonitoringNotFound,
    MonitoringNotYet,
    MonitoringStateWrong,
    NoticeTooLate,
    ProtocolUnsigned,
    SampleUnknown,
)
from backend.payments.monitoring.examples import DEFECT, MONITORING, SHOWN
from backend.payments.monitoring.model import (
    Defect,
    Monitoring,
    MonitoringStatus,
    ShownMonitoring,
)
from backend.payments.monitoring.service import dictionary, read, steps
from backend.registry.account.errors import AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page

READERS = ISSUER | EXECUTOR | COMMISSION


@post(
    "/monitorings",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "PlanMonitoring",
        "Plan a monitoring",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS, MonitoringDates, BasisMissing, MonitoredUnknown, MonitoringNotFound,
            SampleUnknown, NoticeTooLate,
        ),
        body=SIGNED,
        answer={**MONITORING, "status": "PLANNED", "commission_id": None},
    ),
)  # fmt: skip
async def plan(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Monitoring:
    """Sign `monitoring.plan` {kind, purpose, executors, starts_on, ends_on, basis?,
    unannounced_basis?, repeats?, sample_id?}; an unscheduled one needs its basis.
    """
    signed = await evidence.accept(resources, actor, data, PlanMonitoring)
    return await steps.plan(resources, actor, signed)


@post(
    "/monitorings/{monitoring_id:uuid}/commission",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "FormCommission",
        "Form the commission",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS, MonitoringNotFound, MonitoringStateWrong, CommissionIncomplete,
            MemberUnfit, IinInvalid,
        ),
        body=SIGNED,
        answer={**MONITORING, "status": "COMMISSION_FORMED"},
    ),
)  # fmt: skip
async def form_commission(
    monitoring_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Monitoring:
    """Sign `monitoring.form_commission` {monitoring_id, members}: all five kinds (M §20).

    Until the protocol is signed by all, another commission may be named; signatures begin anew.
    """
    signed = await evidence.accept(resources, actor, data, FormCommission)
    _require_same(signed.command.monitoring_id, monitoring_id)
    return await steps.form_commission(resources, actor, monitoring_id, signed)


@post(
    "/monitorings/{monitoring_id:uuid}/notice",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "NotifyExecutors",
        "Tell the executors",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, MonitoringNotFound, MonitoringStateWrong, NoticeTooLate),
        body=SIGNED,
        answer=MONITORING,
    ),
)
async def notify(
    monitoring_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Monitoring:
    """Sign `monitoring.notify` {monitoring_id, starts_on}: five full working days before (D15)."""
    signed = await evidence.accept(resources, actor, data, NotifyExecutors)
    _require_same(signed.command.monitoring_id, monitoring_id)
    return await steps.notify(resources, actor, monitoring_id, signed)


@post(
    "/monitorings/{monitoring_id:uuid}/days",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "RescheduleMonitoring",
        "Set other days",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS, MonitoringNotFound, MonitoringStateWrong, MonitoringDates, NoticeTooLate,
        ),
        body=SIGNED,
        answer={**MONITORING, "status": "COMMISSION_FORMED"},
    ),
)  # fmt: skip
async def reschedule(
    monitoring_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Monitoring:
    """Sign `monitoring.reschedule` {monitoring_id, starts_on, ends_on, reason}; notices begin anew."""
    signed = await evidence.accept(resources, actor, data, RescheduleMonitoring)
    _require_same(signed.command.monitoring_id, monitoring_id)
    return await steps.reschedule(resources, actor, monitoring_id, signed)


@post(
    "/monitorings/{monitoring_id:uuid}/start",
    status_code=200,
    guards=[requires(ISSUER)],
    tags=["monitoring"],
    **operation(
        "StartMonitoring",
        "Begin the monitoring",
        discloses="nothing",
        errors=(MonitoringNotFound, MonitoringStateWrong, MonitoringNotYet),
        answer={**MONITORING, "status": "IN_PROGRESS", "started_at": "2026-04-20T04:00:00Z"},
    ),
)
async def start(
    monitoring_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Monitoring:
    """On the planned day or later, with a commission, and with notice unless nobody is to be told."""
    return await steps.start(resources, actor, monitoring_id)


@post(
    "/monitorings/{monitoring_id:uuid}/closing",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "CloseMonitoring",
        "Close the monitoring",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS, MonitoringNotFound, MonitoringStateWrong, ProtocolUnsigned, FollowUpOpen,
        ),
        body=SIGNED,
        answer={**MONITORING, "status": "CLOSED", "closed_at": "2026-06-01T04:00:00Z"},
    ),
)  # fmt: skip
async def close(
    monitoring_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Monitoring:
    """Sign `monitoring.close` {monitoring_id, text} when every recommendation has been judged."""
    signed = await evidence.accept(resources, actor, data, CloseMonitoring)
    _require_same(signed.command.monitoring_id, monitoring_id)
    return await steps.close(resources, actor, monitoring_id, signed)


def _require_same(named: UUID, monitoring_id: UUID) -> None:
    if named != monitoring_id:
        raise DocumentMalformed(path="$.monitoring_id", detail="not the one of this address")


# --- reading --------------------------------------------------------------------------------------


@get(
    "/monitorings",
    guards=[requires(READERS)],
    tags=["monitoring"],
    **operation(
        "ListMonitorings",
        "Monitorings",
        discloses="nothing",
        errors=(BadCursor, AccountNotOpen),
        answer={"items": [MONITORING], "next": None},
    ),
)
async def list_monitorings(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    status: FromQuery[MonitoringStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Monitoring]:
    """The issuer's all, a member's own, an executor's once it was told of them; newest first."""
    reader = await read.reader_of(db, actor)
    rows = await read.monitorings(db, reader, status, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda row: row.monitoring_id)


@get(
    "/monitorings/{monitoring_id:uuid}",
    guards=[requires(READERS)],
    tags=["monitoring"],
    **operation(
        "GetMonitoring",
        "A monitoring",
        discloses="nothing",
        errors=(MonitoringNotFound, AccountNotOpen),
        answer=SHOWN,
    ),
)
async def get_monitoring(
    monitoring_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> ShownMonitoring:
    """Its commission, executors, notices and steps; an executor sees itself alone."""
    return await read.monitoring(db, clock, calendar, actor, monitoring_id, language)


# --- the dictionary -------------------------------------------------------------------------------


class CodesSet(Struct, frozen=True):
    """How many definitions were set."""

    set: int


@put(
    "/defect-codes",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "SetDefectCodes",
        "Set codes of defects",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, DefectCodesInvalid),
        body=SIGNED,
        answer={"set": 1},
    ),
)
async def set_codes(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> CodesSet:
    """Sign `defect_codes.set` {basis, rows, ends?}, at most 5,000 each: the document they come from; code, titles,
    in whose powers, which grounds, from which day; what ends without a successor. Nothing is ever overwritten.
    """
    signed = await evidence.accept(resources, actor, data, SetDefectCodes)
    return CodesSet(await dictionary.set_codes(resources, signed))


@get(
    "/defect-codes",
    guards=[requires(READERS)],
    tags=["monitoring"],
    **operation(
        "ListDefectCodes",
        "Codes of defects",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [DEFECT], "next": None},
    ),
)
async def list_codes(
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Defect]:
    """What is in force today and what is set to be."""
    after = dictionary.after(cursor)
    rows = await read.defect_codes(db, clock.now(), after, limit + 1)
    return page(rows, limit, lambda row: f"{row.code} {row.valid_from.isoformat()}")


HANDLERS = [
    plan,
    form_commission,
    notify,
    reschedule,
    start,
    close,
    list_monitorings,
    get_monitoring,
    set_codes,
    list_codes,
    *protocol_api.HANDLERS,
    *follow_up_api.HANDLERS,
]
