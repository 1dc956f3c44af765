"""What follows from monitorings over HTTP: recommendations, comments, penalties."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import (
    COMMISSION,
    EXECUTOR,
    EXECUTOR_SIGNERS,
    ISSUER,
    ISSUER_SIGNERS,
    Actor,
)
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.examples import SIGNED
from backend.payments.monitoring.commands import (
    CommentMonitoring,
    ImposePenalty,
    JudgeTask,
    LiftPenalty,
    ReportTask,
)
from backend.payments.monitoring.errors import (
    FindingNotFound,
    MonitoringNotFound,
    PenaltyNotFound,
    PenaltyTwice,
    TaskNotFound,
    TaskStateWrong,
)
from backend.payments.monitoring.examples import COMMENT, PENALTY, TASK
from backend.payments.monitoring.model import (
    Comment,
    Penalty,
    Task,
    TaskStatus,
)
from backend.payments.monitoring.service import follow_up, read
from backend.registry.account.errors import AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page


@get(
    "/follow-up-tasks",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["monitoring"],
    **operation(
        "ListFollowUpTasks",
        "Recommendations of monitorings",
        discloses="nothing",
        errors=(BadCursor, AccountNotOpen),
        answer={"items": [TASK], "next": None},
    ),
)
async def list_tasks(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    monitoring_id: FromQuery[UUID | None] = None,
    status: FromQuery[TaskStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Task]:
    """The issuer's all, an executor's own; their terms also stand among the legal terms (d18)."""
    rows = await read.tasks(db, actor, monitoring_id, status, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda row: row.task_id)


@post(
    "/follow-up-tasks/{task_id:uuid}/report",
    status_code=200,
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "ReportFollowUp",
        "Report that a recommendation is carried out",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, TaskNotFound, TaskStateWrong, AccountNotOpen),
        body=SIGNED,
        answer={**TASK, "status": "REPORTED"},
    ),
)
async def report(
    task_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Task:
    """Sign `follow_up.report` {task_id, text, document_sha256?}."""
    signed = await evidence.accept(resources, actor, data, ReportTask)
    _require_same("task_id", signed.command.task_id, task_id)
    return await follow_up.report(resources, actor, task_id, signed)


@post(
    "/follow-up-tasks/{task_id:uuid}/judgement",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "JudgeFollowUp",
        "Say whether a recommendation was kept",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, TaskNotFound, TaskStateWrong),
        body=SIGNED,
        answer={**TASK, "status": "KEPT"},
    ),
)
async def judge(
    task_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Task:
    """Sign `follow_up.judge` {task_id, outcome: KEPT | NOT_KEPT, text}: after a report, or overdue."""
    signed = await evidence.accept(resources, actor, data, JudgeTask)
    _require_same("task_id", signed.command.task_id, task_id)
    return await follow_up.judge(resources, task_id, signed)


@post(
    "/monitorings/{monitoring_id:uuid}/comments",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "CommentMonitoring",
        "Comment on a monitoring",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, MonitoringNotFound, AccountNotOpen),
        body=SIGNED,
        answer=COMMENT,
    ),
)
async def comment(
    monitoring_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Comment:
    """Sign `monitoring.comment` {monitoring_id, text}: an executor on a monitoring it was told of."""
    signed = await evidence.accept(resources, actor, data, CommentMonitoring)
    _require_same("monitoring_id", signed.command.monitoring_id, monitoring_id)
    return await follow_up.comment(resources, actor, monitoring_id, signed)


@get(
    "/monitorings/{monitoring_id:uuid}/comments",
    guards=[requires(ISSUER, EXECUTOR, COMMISSION)],
    tags=["monitoring"],
    **operation(
        "ListMonitoringComments",
        "Comments on a monitoring",
        discloses="nothing",
        errors=(MonitoringNotFound, BadCursor, AccountNotOpen),
        answer={"items": [COMMENT], "next": None},
    ),
)
async def list_comments(
    monitoring_id: FromPath[UUID],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Comment]:
    """The issuer and the members see all, an executor its own."""
    rows = await read.comments(db, actor, monitoring_id, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda row: row.comment_id)


@post(
    "/penalties",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "ImposePenalty",
        "Impose a penalty for a finding",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, FindingNotFound, PenaltyTwice),
        body=SIGNED,
        answer=PENALTY,
    ),
)
async def impose(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Penalty:
    """Sign `penalty.impose` {finding_id, kind, amount_tiyn, basis, contract_id?}."""
    signed = await evidence.accept(resources, actor, data, ImposePenalty)
    return await follow_up.impose(resources, signed)


@post(
    "/penalties/{penalty_id:uuid}/lifting",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["monitoring"],
    **operation(
        "LiftPenalty",
        "Lift a penalty",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, PenaltyNotFound),
        body=SIGNED,
        answer={**PENALTY, "lifted_at": "2026-05-04T05:00:00Z", "lifted_because": "сот шешімі"},
    ),
)
async def lift(
    penalty_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Penalty:
    """Sign `penalty.lift` {penalty_id, because}."""
    signed = await evidence.accept(resources, actor, data, LiftPenalty)
    _require_same("penalty_id", signed.command.penalty_id, penalty_id)
    return await follow_up.lift(resources, penalty_id, signed)


@get(
    "/penalties",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["monitoring"],
    **operation(
        "ListPenalties",
        "Penalties",
        discloses="nothing",
        errors=(BadCursor, AccountNotOpen),
        answer={"items": [PENALTY], "next": None},
    ),
)
async def list_penalties(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Penalty]:
    """The issuer's all, an executor's own."""
    rows = await read.penalties(db, actor, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda row: row.penalty_id)


def _require_same(name: str, named: UUID, wanted: UUID) -> None:
    if named != wanted:
        raise DocumentMalformed(path=f"$.{name}", detail="not the one of this address")


HANDLERS = [
    list_tasks,
    report,
    judge,
    comment,
    list_comments,
    impose,
    lift,
    list_penalties,
]
