"""Data of M §8 that changed after the application was sent: entered within one working day (M §31)."""

from uuid import UUID

from backend.allocation.application import queries
from backend.allocation.application.errors import ApplicationNotFound, NothingChanged
from backend.allocation.application.model import (
    ApplicationStatus,
    ChangeApplication,
    Contents,
    EnteredChange,
)
from backend.allocation.confirmation import service as confirmation
from backend.allocation.confirmation.model import Kind
from backend.allocation.plan.errors import DocumentMismatch
from backend.kernel import deadlines
from backend.kernel.actor import Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.registry.account import service as accounts
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

_OVER = (ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN)


async def change(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    actor: Actor,
    application_id: UUID,
    signed: Signed[ChangeApplication],
) -> EnteredChange:
    """Enter what changed: late is taken, and stays a breach (d10). Tasks to enter it are done with that.

    Raises DocumentMismatch, ApplicationNotFound, NothingChanged, AccountNotOpen, AccountBlocked,
    ChangeInFuture.
    """
    command, now = signed.command, clock.now()
    if command.application_id != application_id:
        raise DocumentMismatch(path="document.application_id")
    async with db.transaction() as tx:
        executor = await accounts.require_open_executor(tx, actor.bin or "")
        application = await queries.FOR_UPDATE.one(tx, application_id)
        if application is None or application.executor_id != executor.organisation_id:
            raise ApplicationNotFound
        if application.status in _OVER:
            raise NothingChanged(status=application.status.value)
        before = (await queries.CONTENTS.get(tx, application_id)).contents
        evidence_id = await evidence.store(tx, signed)
        told = {f: getattr(command, f) for f in Contents.__struct_fields__}
        no = await queries.ADD_CHANGE.get(
            tx, application_id, command.changed_on, told, evidence_id, now
        )
        await accounts.entered(
            tx, calendar, executor.organisation_id, evidence_id, command.changed_on, now
        )
        tasks = [
            confirmation.task_of(application_id, Kind.LICENCE, place)
            for place in range(len(before.licences))
        ]
        await deadlines.fulfil(tx, "d10", tasks, at=now)
        return EnteredChange(no, command.changed_on, Contents(**told), now)
