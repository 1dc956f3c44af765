"""What follows from a signed protocol: recommendations kept or not, penalties, comments."""

from uuid import UUID

import asyncpg

from backend.kernel import deadlines
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.monitoring import protocol_queries, queries, rules
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
from backend.payments.monitoring.model import (
    Comment,
    Penalty,
    Task,
    TaskStatus,
)
from backend.payments.monitoring.service import read
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def report(
    resources: Resources, actor: Actor, task_id: UUID, signed: Signed[ReportTask]
) -> Task:
    """The executor says that it carried a recommendation out. Raises TaskNotFound, TaskStateWrong."""
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        task = await _locked(tx, task_id)
        reader = await read.reader_of(tx, actor)
        if reader.executor_id != task.executor_id:
            raise TaskNotFound
        if task.status is not TaskStatus.OPEN:
            raise TaskStateWrong(status=task.status.value)
        document = command.document_sha256
        await protocol_queries.REPORT.run(
            tx,
            task_id,
            command.text,
            None if document is None else bytes.fromhex(document),
            await evidence.store(tx, signed),
            now,
        )
        return await protocol_queries.TASK.get(tx, task_id)


async def judge(resources: Resources, task_id: UUID, signed: Signed[JudgeTask]) -> Task:
    """The issuer says whether a recommendation was kept: what was reported, or what is overdue.

    A term kept is kept by the day of the report. Raises TaskNotFound, TaskStateWrong.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        task = await _locked(tx, task_id)
        overdue = task.status is TaskStatus.OPEN and legal_date(now) > task.due_on
        late = overdue and command.outcome == TaskStatus.NOT_KEPT
        if task.status is not TaskStatus.REPORTED and not late:
            raise TaskStateWrong(status=task.status.value)
        evidence_id = await evidence.store(tx, signed)
        await protocol_queries.JUDGE.run(
            tx, task_id, command.outcome, command.text, evidence_id, now
        )
        kept = command.outcome == TaskStatus.KEPT
        done_at = task.reported_at if kept and task.reported_at is not None else now
        await deadlines.fulfil(tx, rules.FOLLOW_UP, [task_id], at=done_at)
        return await protocol_queries.TASK.get(tx, task_id)


async def _locked(tx: Tx, task_id: UUID) -> Task:
    task = await protocol_queries.TASK_FOR_UPDATE.one(tx, task_id)
    if task is None:
        raise TaskNotFound
    return task


async def comment(
    resources: Resources, actor: Actor, monitoring_id: UUID, signed: Signed[CommentMonitoring]
) -> Comment:
    """An executor comments on a monitoring that covers it. Raises MonitoringNotFound."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        reader = await read.reader_of(tx, actor)
        await read.seen(tx, reader, monitoring_id)
        if reader.executor_id is None:
            raise MonitoringNotFound
        made = Comment(uuid7(), reader.executor_id, signed.command.text, now)
        await queries.ADD_COMMENT.run(
            tx,
            made.comment_id,
            monitoring_id,
            made.executor_id,
            made.text,
            await evidence.store(tx, signed),
            now,
        )
        return made


async def impose(resources: Resources, signed: Signed[ImposePenalty]) -> Penalty:
    """A penalty for a finding every member has signed. Raises FindingNotFound, PenaltyTwice."""
    command, now = signed.command, resources.clock.now()
    penalty_id = uuid7()
    async with resources.db.payments.transaction() as tx:
        finding = await protocol_queries.FINDING.one(tx, command.finding_id)
        if finding is None:
            raise FindingNotFound(path="document.finding_id")
        contract_id = command.contract_id
        if contract_id is not None:
            own = await protocol_queries.CONTRACT_OF.one(tx, contract_id, finding.executor_id)
            if own is None:
                raise FindingNotFound(path="document.contract_id")
        try:
            await protocol_queries.ADD_PENALTY.run(
                tx,
                penalty_id,
                finding.finding_id,
                finding.monitoring_id,
                finding.executor_id,
                command.kind,
                contract_id,
                command.amount_tiyn,
                command.basis,
                await evidence.store(tx, signed),
                now,
            )
        except asyncpg.UniqueViolationError as e:
            if violated(e) == "penalty_once":
                raise PenaltyTwice from None
            raise
        return await protocol_queries.PENALTY.get(tx, penalty_id)


async def lift(resources: Resources, penalty_id: UUID, signed: Signed[LiftPenalty]) -> Penalty:
    """A penalty is taken back, with a reason. Raises PenaltyNotFound."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        if not await protocol_queries.LIFT.run(
            tx, penalty_id, evidence_id, now, signed.command.because
        ):
            raise PenaltyNotFound
        return await protocol_queries.PENALTY.get(tx, penalty_id)
