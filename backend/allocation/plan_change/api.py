"""Plan changes over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.allocation.plan.errors import (
    DocumentMismatch,
    LimitsExceeded,
    PlanNotFound,
    PlanRowsInvalid,
    PlanStateWrong,
)
from backend.allocation.plan.examples import PLAN_ID, SIGNED_EXAMPLE
from backend.allocation.plan_change import service
from backend.allocation.plan_change.errors import (
    ChangeNotFound,
    ChangeStateWrong,
    LineCommitted,
    LineTwice,
    LineUnknown,
    NotAgreedYet,
    NothingChanges,
    RemarksMissing,
)
from backend.allocation.plan_change.model import (
    AnswerChange,
    ApplyChange,
    PlanChange,
    SendChange,
    ShownChange,
    WithdrawChange,
)
from backend.kernel.actor import ISSUER, ISSUER_SIGNERS, Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web import problems
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, page

CHANGE_ID = "01980000-0000-7000-8000-0000000000b1"
CHANGE = {
    "change_id": CHANGE_ID,
    "plan_id": PLAN_ID,
    "no": 1,
    "grounds": [3],
    "route": "SILENCE",
    "status": "SENT_TO_MOH",
    "justification": "Босаған қаражатты бөлу: мониторинг хаттамасы № 4",
    "gvfmc_limit_tiyn": None,
    "mhi_limit_tiyn": None,
    "sent_at": "2026-06-01T05:00:00Z",
    "silence_ends_at": "2026-06-15T18:59:59.999999Z",
    "answered_at": None,
    "remarks": None,
    "ended_at": None,
}
EDIT = {
    "kind": "UNITS",
    "code": "2026-mhi-75-cdc",
    "planned_units": 2600,
    "line": None,
    "new_code": None,
    "tariff_tiyn": None,
}
_JUDGED = (PlanStateWrong, LineUnknown, LineTwice, LineCommitted, NothingChanges)


@post(
    "/plan-changes",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "SendPlanChange",
        "Send a change of the plan to the ministry",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, PlanNotFound, PlanRowsInvalid, *_JUDGED),
        body=SIGNED_EXAMPLE,
        answer=CHANGE,
    ),
)
async def send(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    actor: NamedDependency[Actor],
) -> PlanChange:
    """Sign `plan_change.send` {plan_id, grounds, justification, edits, gvfmc_limit?, mhi_limit?}.

    An edit sets the units of a line, adds a line, or replaces one by a line with another tariff. Grounds
    3, 6, 7 alone need ten working days of silence, any other the ministry's agreement (P ¶19-20).
    """
    signed = await evidence.accept(resources, actor, data, SendChange)
    return await service.send(db, clock, calendar, actor, signed)


@post(
    "/plan-changes/{change_id:uuid}/answer",
    guards=[requires(Role.MOH)],
    tags=["allocation"],
    **operation(
        "AnswerPlanChange",
        "The ministry answers a change",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            RemarksMissing,
            ChangeNotFound,
            ChangeStateWrong,
        ),
        body=SIGNED_EXAMPLE,
        answer=CHANGE | {"status": "AGREED", "answered_at": "2026-06-03T05:00:00Z"},
    ),
)
async def answer(
    change_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> PlanChange:
    """The ministry signs `plan_change.answer` {change_id, outcome: AGREED | REMARKS, remarks?}."""
    signed = await evidence.accept(resources, actor, data, AnswerChange)
    return await service.answer(db, clock, actor, change_id, signed)


@post(
    "/plan-changes/{change_id:uuid}/application",
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["allocation"],
    **operation(
        "ApplyPlanChange",
        "Bring a change of the plan into force",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            ChangeNotFound,
            ChangeStateWrong,
            NotAgreedYet,
            LimitsExceeded,
            *_JUDGED,
        ),
        body=SIGNED_EXAMPLE,
        answer=CHANGE | {"status": "APPLIED", "ended_at": "2026-06-16T05:00:00Z"},
    ),
)
async def apply(
    change_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> PlanChange:
    """The head signs `plan_change.apply` {change_id}: after agreement, or the day after the silence."""
    signed = await evidence.accept(
        resources, actor, data, ApplyChange, roles=frozenset({CertificateRole.HEAD})
    )
    return await service.apply(db, clock, actor, change_id, signed)


@post(
    "/plan-changes/{change_id:uuid}/withdrawal",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "WithdrawPlanChange",
        "Take a change of the plan back",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, DocumentMismatch, ChangeNotFound, ChangeStateWrong),
        body=SIGNED_EXAMPLE,
        answer=CHANGE | {"status": "WITHDRAWN", "ended_at": "2026-06-03T05:00:00Z"},
    ),
)
async def withdraw(
    change_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> PlanChange:
    """Sign `plan_change.withdraw` {change_id}; after remarks, send a reworked draft."""
    signed = await evidence.accept(resources, actor, data, WithdrawChange)
    return await service.withdraw(db, clock, change_id, signed)


@get(
    "/plan-changes/{change_id:uuid}",
    guards=[requires(ISSUER, Role.MOH)],
    tags=["allocation"],
    **operation(
        "GetPlanChange",
        "A change of the plan",
        discloses="nothing",
        errors=(ChangeNotFound,),
        answer={"change": CHANGE, "ground_texts": ["…"], "edits": [EDIT]},
    ),
)
async def get_change(
    change_id: FromPath[UUID], db: NamedDependency[Db], language: NamedDependency[str]
) -> ShownChange:
    """Its grounds in words, and every edit."""
    change, edits = await service.change_of(db, change_id)
    return ShownChange(change, [_ground(ground, language) for ground in change.grounds], edits)


@get(
    "/public/plans/{plan_id:uuid}/changes",
    guards=[public],
    tags=["public"],
    **operation(
        "ListPlanChanges",
        "Changes of a plan",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor,),
        answer={"items": [CHANGE], "next": None},
    ),
)
async def list_changes(
    plan_id: FromPath[UUID],
    db: NamedDependency[Db],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[PlanChange]:
    """In their order, from the first draft on."""
    rows = await service.of_plan(db, plan_id, decode_int(cursor), limit)
    return page(rows, limit, lambda change: change.no)


def _ground(number: int, language: str) -> str:
    return problems.text(f"PLAN_CHANGE_GROUND_{number}", language, {})[0]


HANDLERS = [send, answer, apply, withdraw, get_change, list_changes]
