"""Use cases of facilities."""

import math
from datetime import date
from uuid import UUID

import asyncpg

from backend.kernel import events
from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.db import Db, Executor, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.events import OrganisationChanged
from backend.registry.directory import service as directory
from backend.registry.facility import queries
from backend.registry.facility.errors import FacilityExists
from backend.registry.facility.model import Facility, Near, Nearby, NewFacility, Side
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.photograph import service as photographs
from backend.registry.photograph.errors import PhotoNotFound

SEE_ALL = ISSUER | {Role.REGISTRAR, Role.MOH}

_AROUND_KM = 50
_KM_A_DEGREE = 111.0  # of latitude, a little less than anywhere on the earth
_COUNTRY = 60.0  # degrees: from any place in Kazakhstan to any other


async def add(resources: Resources, actor: Actor, command: NewFacility) -> Facility:
    """Digitise a facility of the actor's organisation (M §6(4)).

    Raises AccountNotOpen, AccountBlocked, AccountingWrong, PhotoNotUploaded, FacilityExists,
    ChangeInFuture.
    """
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        executor = await accounts.require_open_executor(tx, actor.bin or "")
        await directory.require_accounting(tx, command.accounting_186)
        for side in ("photo_outside_sha256", "photo_inside_sha256"):
            named = getattr(command, side)
            await photographs.require_own(tx, executor.organisation_id, named, side)
        try:
            facility = await queries.ADD.get(
                tx,
                uuid7(),
                executor.organisation_id,
                command.name,
                command.region,
                command.address,
                command.licence_address,
                command.latitude,
                command.longitude,
                bytes.fromhex(command.photo_outside_sha256),
                bytes.fromhex(command.photo_inside_sha256),
                command.accounting_186,
                command.design_capacity,
                command.production,
                now,
            )
        except asyncpg.UniqueViolationError as e:
            if violated(e) == queries.ALREADY_THERE:
                raise FacilityExists from None
            raise
        done = NewOperation(
            subject_id=executor.organisation_id,
            op_class=OpClass.ACCOUNT,
            op_type="CHANGE",
            at=now,
            actor=f"{min(actor.roles)}:{executor.organisation_id}",
            basis_kind=BasisKind.SELF,
            basis_id=str(actor.session_id),
            content={
                "before": {"facility": None},
                "after": {"facility": facility.facility_id, "production": command.production},
            },
        )
        await log.append(tx, [done])
        if command.changed_on is not None:
            in_time = await accounts.entered(
                tx,
                resources.calendar,
                executor.organisation_id,
                facility.facility_id,
                command.changed_on,
                now,
            )
            changed = OrganisationChanged(executor.organisation_id, in_time)
            await events.append(tx, changed, by=actor, at=now)
    return facility


async def photograph(resources: Resources, actor: Actor, facility_id: UUID, side: Side) -> bytes:
    """A photograph of a facility as JPEG: for its executor, the issuer, the registrar, the ministry.

    Raises PhotoNotFound (for another executor too), PhotoStoreUnavailable.
    """
    db = resources.db.registry
    facility = await queries.FIND.one(db, facility_id)
    if facility is None:
        raise PhotoNotFound
    if not actor.roles & SEE_ALL:
        own = await accounts.organisation_by_bin(db, actor.bin or "")
        if own is None or own.organisation_id != facility.organisation_id:
            raise PhotoNotFound
    outside = side is Side.OUTSIDE
    sha256 = facility.photo_outside_sha256 if outside else facility.photo_inside_sha256
    return await photographs.octets(resources.config, sha256)


async def own(db: Db, actor: Actor, *, after: UUID | None, limit: int) -> list[Facility]:
    """The facilities of the actor's organisation, by id. Raises AccountNotOpen."""
    organisation = await accounts.require(db, actor.bin or "")
    return await queries.OF_ORGANISATION.all(db, organisation.organisation_id, after, limit)


async def find(where: Executor, facility_id: UUID) -> Facility | None:
    """The facility, whoever's it is."""
    return await queries.FIND.one(where, facility_id)


async def near(db: Db, today: date, place: Near) -> list[Nearby]:
    """Where care is given near `place`, the nearest first; the place is kept nowhere.

    Looked for within _AROUND_KM, and when there are too few, in the whole country.
    """
    north = _AROUND_KM / _KM_A_DEGREE
    east = north / math.cos(math.radians(place.latitude + north))
    for around in ((north, east), (_COUNTRY, _COUNTRY)):
        found = await queries.NEAR.all(
            db, place.latitude, place.longitude, today, place.limit, *around
        )
        # Nothing outside the box is nearer than its edge, to which all found must come.
        if len(found) == place.limit and found[-1].distance_m <= _AROUND_KM * 1000:
            break
    return found


async def owned(where: Executor, pairs: list[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Those of the pairs (facility, organisation) that are so."""
    found = await queries.OWNED.all(where, [p[0] for p in pairs], [p[1] for p in pairs])
    return {(o.facility_id, o.organisation_id) for o in found}
