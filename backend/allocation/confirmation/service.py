"""Ask the systems of permits and taxes about applications, keep what they say, and demand it.

The age kept with an answer is that of the record in the outside system, not of our question. Silence takes
nothing back; a licence denied after it was confirmed starts the working day of M §31 for its applicant.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from backend.allocation.application.model import ApplicationStatus, Contents, Manual
from backend.allocation.confirmation import queries, rules
from backend.allocation.confirmation.model import (
    Asked,
    Confirmation,
    Kind,
    ManualRow,
    Status,
)
from backend.kernel import deadlines, terms
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx
from backend.kernel.resources import Resources
from backend.sources.exchange import SourceUnavailable
from backend.sources.permits import service as permits
from backend.sources.permits.model import Holder
from backend.sources.tax import debts
from backend.sources.tax.debts import Payer

JOB: Final = "allocation.confirm_application"
ASK_AGAIN: Final = timedelta(minutes=15)  # a review has one working day
ASK_DAILY: Final = timedelta(days=1)
AT_ONCE: Final = 100


async def confirm(resources: Resources, application_id: UUID) -> list[Confirmation]:
    """Ask about one application; what is known of it then. Never inside a transaction.

    Withdrawn and rejected ones are left alone. LookupError when there is no such application.
    """
    db = resources.db.allocation
    asked = await queries.ASKED.get(db, application_id)
    if asked.status in (ApplicationStatus.WITHDRAWN, ApplicationStatus.REJECTED):
        return await queries.OF_APPLICATION.all(db, application_id)
    now = resources.clock.now()
    holder, payer = await asyncio.gather(
        _holder(resources, asked, now), _payer(resources, asked.number, now)
    )
    today = legal_date(now)
    answers = [
        rules.of_licence(place, licence, holder, today, now)
        for place, licence in enumerate(asked.contents.licences)
    ]
    answers.append(rules.of_taxes(payer, now))
    async with db.transaction() as tx:
        before = {
            (c.kind, c.place): c.status
            for c in await queries.OF_APPLICATION.all(tx, application_id)
        }
        await _keep(tx, application_id, answers, now)
        for answer in answers:
            was = before.get((answer.kind, answer.place))
            if (was, answer.status) == (Status.CONFIRMED, Status.REFUTED):
                await _start_task(tx, resources, asked, answer, now)
        return await queries.OF_APPLICATION.all(tx, application_id)


async def confirm_due(resources: Resources) -> int:
    """Ask about those that wait for an answer; how many were asked about."""
    now = resources.clock.now()
    due = await queries.DUE.all(resources.db.allocation, now - ASK_AGAIN, now - ASK_DAILY, AT_ONCE)
    for application_id in due:
        await confirm(resources, application_id)
    return len(due)


async def _holder(resources: Resources, asked: Asked, now: datetime) -> Holder | None:
    if not asked.contents.licences:
        return None
    try:
        found = await permits.ask(resources.http, resources.config, [asked.number], now=now)
    except SourceUnavailable:
        return None
    return found[asked.number]


async def _payer(resources: Resources, number: str, now: datetime) -> Payer | None:
    try:
        return (await debts.ask(resources.http, resources.config, [number], now=now))[number]
    except SourceUnavailable:
        return None


async def _keep(
    tx: Tx, application_id: UUID, answers: Sequence[Confirmation], now: datetime
) -> None:
    await queries.KEEP.run(
        tx,
        application_id,
        now,
        [a.kind for a in answers],
        [a.place for a in answers],
        [a.status for a in answers],
        [a.reason for a in answers],
        [a.debt_tiyn for a in answers],
        [a.untimely for a in answers],
        [a.as_of for a in answers],
    )


async def _start_task(
    tx: Tx, resources: Resources, asked: Asked, answer: Confirmation, now: datetime
) -> None:
    """What the application says is true no more: its applicant enters the change within a working day."""
    due_at = terms.deadline(resources.calendar, "d10", legal_date(now))
    owner = f"organisation:{asked.executor_id}"
    task = task_of(asked.application_id, answer.kind, answer.place)
    await deadlines.start(tx, "d10", task, owner, started_at=now, due_at=due_at)


def task_of(application_id: UUID, kind: Kind, place: int) -> UUID:
    """The subject of the term to enter that change."""
    return uuid5(application_id, f"{kind}:{place}")


async def require_confirmed(
    tx: Tx,
    application_id: UUID,
    contents: Contents,
    manual: Sequence[Manual],
    evidence_id: UUID,
    *,
    at: datetime,
) -> None:
    """Nothing the application needs is unknown or denied (D28); papers taken by hand are kept.

    Raises ManualEvidenceWrong, EvidenceRefuted, EvidenceUnknown.
    """
    told = await queries.OF_APPLICATION.all(tx, application_id)
    rules.require_confirmed(contents, told, manual)
    if manual:
        papers: list[Any] = [msgspec.to_builtins(paper) for paper in manual]
        places = [paper.place for paper in manual]
        await queries.ADD_MANUAL.run(tx, application_id, evidence_id, at, places, papers)


async def of_application(
    where: Executor, application_id: UUID
) -> tuple[list[Confirmation], list[ManualRow]]:
    """What outside systems said of an application, and the papers taken in their stead."""
    return (
        await queries.OF_APPLICATION.all(where, application_id),
        await queries.MANUAL.all(where, application_id),
    )
