"""Closing a facility: its people are listed for re-attachment every night from that day on."""

import msgspec

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.events import OrganisationChanged
from backend.registry.facility import queries
from backend.registry.facility.errors import ClosedTooEarly, FacilityClosed, FacilityNotFound
from backend.registry.facility.model import CloseFacility, Facility
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass


async def close(resources: Resources, actor: Actor, command: CloseFacility) -> Facility:
    """Close a facility of the actor's organisation, once; said again it changes nothing (M §31).

    Raises AccountNotOpen, AccountBlocked, FacilityNotFound, FacilityClosed, ClosedTooEarly.
    """
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        executor = await accounts.require_open_executor(tx, actor.bin or "")
        facility = await queries.OWN_FOR_UPDATE.one(
            tx, command.facility_id, executor.organisation_id
        )
        if facility is None:
            raise FacilityNotFound(path="facility_id")
        if facility.closed_on == command.closed_on:
            return facility
        if facility.closed_on is not None:
            raise FacilityClosed(closed_on=facility.closed_on.isoformat())
        if command.closed_on < legal_date(facility.digitised_at):
            raise ClosedTooEarly(path="closed_on")
        await queries.CLOSE.run(tx, facility.facility_id, command.closed_on)
        told = {"facility": facility.facility_id}
        done = NewOperation(
            subject_id=executor.organisation_id,
            op_class=OpClass.ACCOUNT,
            op_type="CHANGE",
            at=now,
            actor=f"{min(actor.roles)}:{executor.organisation_id}",
            basis_kind=BasisKind.SELF,
            basis_id=str(actor.session_id),
            content={
                "before": {**told, "closed_on": None},
                "after": {**told, "closed_on": command.closed_on},
            },
        )
        await log.append(tx, [done])
        # told beforehand it is no change yet; afterwards within one working day (M §31)
        if command.closed_on <= legal_date(now):
            in_time = await accounts.entered(
                tx,
                resources.calendar,
                executor.organisation_id,
                facility.facility_id,
                command.closed_on,
                now,
            )
            fact = OrganisationChanged(executor.organisation_id, in_time)
            await events.append(tx, fact, by=actor, at=now)
    return msgspec.structs.replace(facility, closed_on=command.closed_on)
