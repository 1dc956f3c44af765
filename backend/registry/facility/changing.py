"""What changed of a facility is entered within one working day (M §31): late is taken, and a breach."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.errors import NothingToChange
from backend.registry.account.events import OrganisationChanged
from backend.registry.directory import service as directory
from backend.registry.facility import queries
from backend.registry.facility.errors import FacilityClosed, FacilityExists, FacilityNotFound
from backend.registry.facility.model import ChangeFacility, Facility, Passport
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.photograph import service as photographs

_SAID = ("facility_id", "changed_on")


async def change(resources: Resources, actor: Actor, command: ChangeFacility) -> Facility:
    """Enter what changed of a facility of the actor's organisation.

    Raises AccountNotOpen, AccountBlocked, FacilityNotFound, FacilityClosed, FacilityExists,
    NothingToChange, ChangeInFuture, AccountingWrong, PhotoNotUploaded.
    """
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        executor = await accounts.require_open_executor(tx, actor.bin or "")
        organisation_id = executor.organisation_id
        facility = await queries.OWN_FOR_UPDATE.one(tx, command.facility_id, organisation_id)
        if facility is None:
            raise FacilityNotFound(path="facility_id")
        if facility.closed_on is not None:
            raise FacilityClosed(closed_on=facility.closed_on.isoformat())
        before = await queries.PASSPORT.get(tx, command.facility_id)
        after, changed = _changed(before, command)
        if "accounting_186" in changed:
            await directory.require_accounting(tx, changed["accounting_186"])
        for side in ("photo_outside_sha256", "photo_inside_sha256"):
            if side in changed:
                await photographs.require_own(tx, organisation_id, changed[side], side)
        await _keep(tx, command.facility_id, after)
        change_id = uuid7()
        was: dict[str, Any] = {name: getattr(before, name) for name in changed}
        await queries.ADD_CHANGE.run(
            tx, change_id, command.facility_id, command.changed_on, now, was, changed
        )
        told = {"facility": command.facility_id, "changed": sorted(changed)}
        await log.append(tx, [_operation(actor, organisation_id, change_id, told, now)])
        in_time = await accounts.entered(
            tx, resources.calendar, organisation_id, change_id, command.changed_on, now
        )
        fact = OrganisationChanged(organisation_id, in_time)
        await events.append(tx, fact, by=actor, at=now)
        return await queries.OWN_FOR_UPDATE.get(tx, command.facility_id, organisation_id)


def _changed(before: Passport, command: ChangeFacility) -> tuple[Passport, dict[str, Any]]:
    """The passport as it is now, and what of it is new. Raises NothingToChange."""
    given = {
        name: getattr(command, name)
        for name in ChangeFacility.__struct_fields__
        if name not in _SAID and getattr(command, name) is not None
    }
    if given.get("licence_address") == "":
        given["licence_address"] = None
    changed = {name: value for name, value in given.items() if getattr(before, name) != value}
    if not changed:
        raise NothingToChange(path="$")
    return msgspec.structs.replace(before, **changed), changed


async def _keep(tx: Tx, facility_id: UUID, after: Passport) -> None:
    try:
        await queries.CHANGE.run(
            tx,
            facility_id,
            after.name,
            after.region,
            after.address,
            after.licence_address,
            after.latitude,
            after.longitude,
            bytes.fromhex(after.photo_outside_sha256),
            bytes.fromhex(after.photo_inside_sha256),
            after.accounting_186,
            after.design_capacity,
            after.production,
        )
    except asyncpg.UniqueViolationError as e:
        if violated(e) == queries.ALREADY_THERE:
            raise FacilityExists from None
        raise


def _operation(
    actor: Actor, organisation_id: UUID, change_id: UUID, told: dict[str, Any], at: datetime
) -> NewOperation:
    """The log names the change and its fields; what they were stands with the change."""
    return NewOperation(
        subject_id=organisation_id,
        op_class=OpClass.ACCOUNT,
        op_type="CHANGE",
        at=at,
        actor=f"{min(actor.roles)}:{organisation_id}",
        basis_kind=BasisKind.SELF,
        basis_id=str(actor.session_id),
        content={"before": told, "after": told | {"change": change_id}},
    )
