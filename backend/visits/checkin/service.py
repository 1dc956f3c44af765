"""Check in: by the citizen with the code on the wall, or at the desk with the citizen's own code."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.batches import Batches
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.errors import Refusal, TooMany
from backend.kernel.events import Subscriptions
from backend.kernel.ids import require_iin, uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.account import service as accounts
from backend.registry.person import service as persons
from backend.registry.person.errors import InsuredNotFound
from backend.visits.biometrics.service import SESSION_LIFE
from backend.visits.checkin import queries, rules
from backend.visits.checkin.errors import WhoIsIt
from backend.visits.checkin.events import RegistrySearched, VisitRegistered
from backend.visits.checkin.model import CheckIn, DeskVisit, FacilityDay, NewVisit, Visit
from backend.visits.code import service as codes
from backend.visits.code.errors import (
    FacilityNotFound,
    ForeignCode,
    UsedCode,
)
from backend.web import paging
from backend.web.limits import Limit, count

# People who are not the clinic's, asked for by its desk in a day (FAULTS 14); told of once.
UNKNOWN_PER_DAY = Limit("desk-unknown", 100, timedelta(days=1))
_TOLD_PER_DAY = Limit("desk-unknown-told", 1, timedelta(days=1))


async def check_in(db: Db, clock: Clock, actor: Actor, command: CheckIn) -> Visit:
    """Register the asking citizen's visit; one statement when all is well.

    Raises ForeignCode, ForgedCode, RevokedCode, FacilityShut, BiometricInvalid, AccountNotOpen,
    ConsentWithdrawnByPerson, DuplicateVisit.
    """
    assert actor.person_id is not None, "guarded: citizens only"
    payload = await codes.verify(db, command.code)
    biometric = command.biometric_session_id
    now = clock.now()
    return await _add(
        db,
        actor,
        NewVisit(
            person_id=actor.person_id,
            visit_id=uuid7(),
            facility_id=payload.facility_id,
            at=now,
            visit_date=legal_date(now),
            grade=rules.grade(qr=True, biometric=biometric is not None, document=False),
            code_id=payload.code_id,
            biometric_session_id=biometric,
            place=command.place,
        ),
    )


async def check_in_at_desk(resources: Resources, actor: Actor, command: DeskVisit) -> Visit:
    """Register a visit at the desk of the actor's own facility.

    The citizen's own code makes it a QR visit; an IIN alone does not, for then nothing but the
    clinic's word says that the person was there (D29), and it serves for the clinic's own attached
    people only: who is another's, unknown or without an account is not told apart, by the answer or
    by its time (FAULTS 14). Raises ForeignCode (another's facility), ForgedCode, ExpiredCode,
    UsedCode, WhoIsIt, InsuredNotFound, TooMany and as `check_in`.
    """
    db = resources.db.visits
    try:
        await codes.require_own(db, actor, command.facility_id)
    except FacilityNotFound:
        raise ForeignCode(path="facility_id") from None
    person_id, nonce = await _person_at_desk(resources, actor, command)
    qr = nonce is not None
    biometric = command.biometric_session_id if qr else None
    now = resources.clock.now()
    document = command.document_sha256
    return await _add_at_desk(
        resources,
        actor,
        NewVisit(
            person_id=person_id,
            visit_id=uuid7(),
            facility_id=command.facility_id,
            at=now,
            visit_date=legal_date(now),
            grade=rules.grade(
                qr=qr, biometric=biometric is not None, document=document is not None
            ),
            personal_nonce=nonce,
            biometric_session_id=biometric,
            document_sha256=None if document is None else bytes.fromhex(document),
        ),
    )


async def _person_at_desk(
    resources: Resources, actor: Actor, command: DeskVisit
) -> tuple[UUID, bytes | None]:
    """Whom the desk sees, and the nonce of the own code if one was shown."""
    named = None
    if command.iin is not None:
        iin = require_iin(command.iin, "iin")
        await access_records.count_look(resources, actor)
        named = await persons.named(resources.db.registry, resources.keyring, iin)
    if command.code is None:
        if named is None:
            raise WhoIsIt(path="iin")
        if not await queries.IS_ATTACHED_HERE.get(resources.db.visits, named, command.facility_id):
            await _count_unknown(resources, actor)
            raise InsuredNotFound(path="iin")
        return named, None
    payload = codes.verify_personal(resources.keyring, resources.clock, command.code)
    if payload.facility_id not in (None, command.facility_id):
        raise ForeignCode(path="code")
    if named is not None and named != payload.person_id:
        raise WhoIsIt(path="code")
    scanned = ([payload.person_id], [payload.nonce], [command.facility_id], resources.clock.now())
    if await queries.SCAN.one(resources.db.visits, *scanned) is None:
        raise UsedCode(path="code")
    return payload.person_id, payload.nonce


async def _count_unknown(resources: Resources, actor: Actor) -> None:
    """A desk mistypes now and then; one that searches the registry is stopped for the day and told of.

    Raises TooMany.
    """
    clinic = actor.bin or ""
    try:
        await count(resources, (UNKNOWN_PER_DAY, clinic))
    except TooMany:
        with suppress(TooMany):
            await count(resources, (_TOLD_PER_DAY, clinic))
            async with resources.db.visits.transaction() as tx:
                searching = (await accounts.require(tx, clinic)).organisation_id
                at = resources.clock.now()
                await events.append(tx, RegistrySearched(searching), by=actor, at=at)
        raise


async def _add(db: Db, actor: Actor, visit: NewVisit) -> Visit:
    made = await _writing.ask(db, _row(actor, visit))
    if made is None:
        await _refuse(db, visit)
        raise AssertionError("unreachable")
    return made


async def _add_at_desk(resources: Resources, actor: Actor, visit: NewVisit) -> Visit:
    """The visit, and in its transaction the note that this clinic met this person."""
    db = resources.db.visits
    access = Access(actor, "RegisterVisitAtDesk", Basis.VISIT, (Field.ACCOUNT,), visit.visit_id)
    async with db.transaction() as tx:
        [made] = await _write(tx, [_row(actor, visit)])
        if made is not None:
            await access_records.record(tx, access, [visit.person_id], at=visit.at)
    if made is None:
        await _refuse(db, visit)
        raise AssertionError("unreachable")
    return made


def _row(actor: Actor, visit: NewVisit) -> tuple[Any, ...]:
    # The event is written by the same statement; a subscriber would need a job beside it.
    assert not Subscriptions.jobs_of.get(VisitRegistered.__name__), "queue the job here"
    return (
        visit.person_id,
        visit.visit_id,
        visit.facility_id,
        visit.at,
        visit.grade.value,
        visit.code_id,
        visit.personal_nonce,
        visit.biometric_session_id,
        visit.document_sha256,
        actor.label,
        *(
            (None, None, None)
            if visit.place is None
            else (visit.place.latitude, visit.place.longitude, visit.place.accuracy_m)
        ),
    )


async def _write(where: Executor, rows: Sequence[tuple[Any, ...]]) -> list[Visit | None]:
    columns = zip(*rows, strict=True)
    made = {
        visit.visit_id: visit
        for visit in await queries.ADD.all(where, *columns, rules.BIOMETRIC_LIFE)
    }
    return [made.get(row[1]) for row in rows]


_writing = Batches(_write)


async def _refuse(db: Db, visit: NewVisit) -> None:
    [refusal] = await _refusals(db, [visit])
    raise refusal


async def _refusals(where: Executor, visits: Sequence[NewVisit]) -> list[Refusal]:
    """Why each of these visits was not written, in order."""
    columns = zip(
        *(
            (
                v.visit_id, v.person_id, v.facility_id, v.visit_date, v.code_id, v.personal_nonce,
                v.biometric_session_id, v.at,
            )
            for v in visits
        ),
        strict=True,
    )  # fmt: skip
    rows = await queries.STANDING.all(
        where, *columns, rules.BIOMETRIC_LIFE, rules.CLOCKS_DIFFER, SESSION_LIFE
    )
    stands = {row.visit_id: row for row in rows}
    return [rules.refusal(visit, stands[visit.visit_id]) for visit in visits]


async def register_scanned(
    tx: Tx, actor: Actor, visits: Sequence[NewVisit], *, at: datetime
) -> list[Visit | Refusal]:
    """Visits by citizens' own codes that a device scanned: each made, or refused alone, in order.

    The codes are judged already. `at` is when they are told, and when the codes count as scanned.
    """
    if not visits:
        return []
    asked = [(v.person_id, v.personal_nonce, v.facility_id) for v in visits]
    claimed: set[tuple[UUID, bytes | None]] = {
        (c.person_id, c.nonce) for c in await queries.SCAN.all(tx, *zip(*asked, strict=True), at)
    }
    first: list[NewVisit] = []
    for visit in visits:
        if (visit.person_id, visit.personal_nonce) in claimed:
            claimed.remove((visit.person_id, visit.personal_nonce))
            first.append(visit)
    written = await _write(tx, [_row(actor, v) for v in first]) if first else []
    made = {visit.visit_id: visit for visit in written if visit is not None}
    missing = [v for v in first if v.visit_id not in made]
    reasons = await _refusals(tx, missing) if missing else []
    refused = {v.visit_id: reason for v, reason in zip(missing, reasons, strict=True)}
    return [
        made.get(v.visit_id) or refused.get(v.visit_id) or UsedCode(path="code") for v in visits
    ]


async def forget_scans(db: Db, clock: Clock) -> None:
    """Scans of codes long expired are forgotten. The sweep."""
    await queries.FORGET_SCANS.run(db, clock.now() - rules.SCANS_KEPT)


async def of_person(db: Db, person_id: UUID, cursor: str | None, limit: int) -> paging.Page[Visit]:
    """A person's visits, the newest first."""
    rows = await queries.OF_PERSON.all(db, person_id, paging.decode_uuid(cursor), limit + 1)
    return paging.page(rows, limit, lambda v: v.visit_id)


async def facility_day(db: Db, clock: Clock, actor: Actor, facility_id: UUID) -> FacilityDay:
    """How many came today to a facility of the actor's, by grade. Raises FacilityNotFound."""
    await codes.require_own(db, actor, facility_id)
    today = legal_date(clock.now())
    by_grade = {c.grade.value: c.visits for c in await queries.OF_DAY.all(db, facility_id, today)}
    return FacilityDay(facility_id, today, sum(by_grade.values()), by_grade)
