"""The insured's own word on the lines of acts, before these are paid. Called by the citizens' wing.

    from backend.payments.act.model import Mark
    from backend.payments.mark import service as marks
    from backend.payments.mark.model import MarkLine

    async with resources.db.egov.transaction() as tx:
        ... register the complaint ...
        await marks.mark(
            tx, actor, MarkLine(actor.person_id, case_id, Mark.DISPUTED, complaint_id), at=now
        )

A confirmation is `MarkLine(person_id, case_id, Mark.CONFIRMED)`. Events: LineConfirmed, LineDisputed.
"""

from datetime import datetime
from uuid import UUID

import asyncpg

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Executor, Tx, violated
from backend.payments.act.errors import ActStateWrong
from backend.payments.act.model import Mark
from backend.payments.mark import queries, rules
from backend.payments.mark.errors import LineNotFound
from backend.payments.mark.events import LineConfirmed, LineDisputed
from backend.payments.mark.model import LineMark, MarkLine


async def mark(tx: Tx, actor: Actor, command: MarkLine, *, at: datetime) -> bool:
    """Confirm or dispute a line of the person's own; whether this call changed what stands.

    Joins the caller's transaction, under the egov role. The same word again (with the same
    complaint) changes nothing, also of a paid act; another word is added to the history, which
    nobody may change. The caller has made sure that `person_id` is the person who speaks.

    Raises LineNotFound (no such line, or another person's), ActStateWrong (`status`: the act is
    paid, cancelled, or failed its checks). Both leave the transaction usable, unless the act is
    being paid at this very moment.
    """
    line = await queries.OWN_LINE.one(tx, command.person_id, command.case_id)
    if line is None:
        raise LineNotFound
    if (line.mark, line.complaint_id) == (command.mark, command.complaint_id):
        return False
    rules.require_markable(line.status)
    try:
        added = await queries.ADD_MARK.run(
            tx,
            command.person_id,
            command.case_id,
            command.mark,
            command.complaint_id,
            actor.label,
            at,
        )
    except asyncpg.CheckViolationError as e:
        if violated(e) == queries.MARK_OPEN:
            raise ActStateWrong(status=e.detail or "") from None
        raise
    if added == 0:  # said by another call in the meantime
        return False
    await events.append(tx, _event(line.act_id, line.executor_id, command), by=actor, at=at)
    return True


def _event(act_id: UUID, executor_id: UUID, command: MarkLine) -> LineConfirmed | LineDisputed:
    if command.complaint_id is None:
        assert command.mark is Mark.CONFIRMED
        return LineConfirmed(act_id, executor_id, command.case_id)
    return LineDisputed(act_id, executor_id, command.case_id, command.complaint_id)


async def history(where: Executor, person_id: UUID, case_id: UUID) -> list[LineMark]:
    """Everything the person said of one line, the first word first."""
    return await queries.MARKS.all(where, person_id, case_id)
