"""Complaints: registered for the session's own person, answered by the issuer's head (M §53)."""

from uuid import UUID

from backend.egov_adapter.citizen import limits
from backend.egov_adapter.complaint import queries, rules
from backend.egov_adapter.complaint.errors import (
    AlreadyAnswered,
    AlreadyDisputed,
    BilledNotFound,
    ComplaintIncomplete,
    ComplaintNotFound,
)
from backend.egov_adapter.complaint.events import (
    ComplaintAnswered,
    ComplaintConfirmed,
    ComplaintRegistered,
)
from backend.egov_adapter.complaint.model import (
    AnswerComplaint,
    ComplaintRow,
    ComplaintStatus,
    DeskComplaint,
    DeskRow,
    Dispute,
    Ground,
    Kind,
    NewComplaint,
    OwnComplaint,
    Registered,
    Tracked,
)
from backend.egov_adapter.record import service as record
from backend.kernel import deadlines, events, terms
from backend.kernel.actor import Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Db, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.web import paging
from backend.web.limits import count

TERM = "d12"  # five working days for the issuer's answer (M §53)


async def register(resources: Resources, actor: Actor, command: NewComplaint) -> Registered:
    """Register a complaint. Raises ComplaintIncomplete; an unknown clinic is incomplete too."""
    rules.require_complete(command)
    async with resources.db.egov.transaction() as tx:
        if command.executor_id is not None and not await queries.EXECUTOR_EXISTS.get(
            tx, command.executor_id
        ):
            raise ComplaintIncomplete(path="executor_id")
        return await _add(
            resources,
            tx,
            actor,
            command.kind,
            command.text,
            executor_id=command.executor_id,
            ground=command.ground,
        )


async def dispute(
    resources: Resources, actor: Actor, case_id: UUID, command: Dispute
) -> Registered:
    """Register that a billed service was not given. Raises BilledNotFound, AlreadyDisputed."""
    assert actor.person_id is not None, "guarded: citizens only"
    async with resources.db.egov.transaction() as tx:
        case = await record.own_case(tx, actor.person_id, case_id)
        if case is None:
            raise BilledNotFound
        # Two sendings of one dispute take turns; the second is told of the first.
        await queries.LOCK_CASE.run(tx, case_id)
        known = await queries.OF_CASE.one(tx, actor.person_id, case_id)
        if known is not None:
            raise AlreadyDisputed(tracking_number=known)
        return await _add(
            resources,
            tx,
            actor,
            Kind.BILLED,
            command.text,
            executor_id=case.executor_id,
            act_id=case.act_id,
            case_id=case_id,
        )


async def _add(
    resources: Resources,
    tx: Tx,
    actor: Actor,
    kind: Kind,
    text: str,
    *,
    executor_id: UUID | None,
    ground: Ground | None = None,
    act_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Registered:
    assert actor.person_id is not None, "guarded: citizens only"
    now = resources.clock.now()
    due_at = terms.deadline(resources.calendar, TERM, legal_date(now))
    complaint_id, number = uuid7(), rules.new_tracking_number()
    sealed = resources.keyring.seal(text.encode(), _context(complaint_id, "text"))
    await queries.CLAIM.run(tx, complaint_id, number, actor.person_id)
    await queries.ADD.run(
        tx,
        actor.person_id,
        complaint_id,
        number,
        kind,
        ground,
        executor_id,
        act_id,
        case_id,
        sealed,
        now,
        due_at,
    )
    await deadlines.start(tx, TERM, complaint_id, "issuer", started_at=now, due_at=due_at)
    registered = ComplaintRegistered(complaint_id, kind.value, executor_id, act_id, case_id)
    await events.append(tx, registered, by=actor, at=now)
    return Registered(complaint_id, number, ComplaintStatus.REGISTERED, now, legal_date(due_at))


async def own(
    db: Db, keyring: Keyring, actor: Actor, cursor: str | None, limit: int
) -> paging.Page[OwnComplaint]:
    """The asking citizen's complaints, the newest first."""
    after = paging.decode_uuid(cursor)
    rows = await queries.OF_PERSON.all(db, actor.person_id, after, limit + 1)
    return paging.page([_own(keyring, r) for r in rows], limit, lambda c: c.complaint_id)


async def track(resources: Resources, address: str, number: str) -> Tracked:
    """The state of the complaint of that number. Raises ComplaintNotFound, TooMany."""
    await count(resources, (limits.TRACK_PER_ADDRESS, address))
    plain = rules.read_tracking_number(number)
    row = await queries.BY_NUMBER.one(resources.db.egov, plain)
    if row is None:
        raise ComplaintNotFound
    return Tracked(
        row.tracking_number,
        row.status,
        row.registered_at,
        legal_date(row.due_at),
        row.answered_at,
    )


# --- the issuer's desk --------------------------------------------------------------------------


async def desk(
    db: Db, status: ComplaintStatus | None, cursor: str | None, limit: int
) -> paging.Page[DeskRow]:
    """Complaints in order of registration; of one status if asked."""
    rows = await queries.DESK.all(db, status, paging.decode_uuid(cursor), limit + 1)
    return paging.page(rows, limit, lambda c: c.complaint_id)


async def read(
    resources: Resources, actor: Actor, complaint_id: UUID, operation: str = "ReadComplaint"
) -> DeskComplaint:
    """One complaint with its text; reading it takes it up, and is noted. Raises ComplaintNotFound."""
    keyring = resources.keyring
    await access_records.count_look(resources, actor)
    async with resources.db.egov.transaction() as tx:
        row = await queries.BY_ID_FOR_UPDATE.one(tx, complaint_id)
        if row is None:
            raise ComplaintNotFound
        taken = await queries.TAKE_UP.run(tx, row.person_id, complaint_id)
        access = Access(actor, operation, Basis.COMPLAINT, (Field.COMPLAINT,), complaint_id)
        await access_records.record(tx, access, [row.person_id], at=resources.clock.now())
    return DeskComplaint(
        complaint_id=row.complaint_id,
        tracking_number=row.tracking_number,
        kind=row.kind,
        ground=row.ground,
        executor_id=row.executor_id,
        act_id=row.act_id,
        case_id=row.case_id,
        status=ComplaintStatus.IN_REVIEW if taken else row.status,
        registered_at=row.registered_at,
        due_at=row.due_at,
        text=_opened(keyring, row.text_sealed, row.complaint_id, "text"),
        answer=_answer(keyring, row),
        answered_at=row.answered_at,
    )


async def answer(
    resources: Resources, actor: Actor, complaint_id: UUID, signed: Signed[AnswerComplaint]
) -> DeskComplaint:
    """Keep the head's signed answer; d12 is fulfilled, late or not. Raises ComplaintNotFound,
    AlreadyAnswered, DocumentAlreadyUsed."""
    command, now = signed.command, resources.clock.now()
    if command.complaint_id != complaint_id:
        raise ComplaintNotFound(path="complaint_id")
    async with resources.db.egov.transaction() as tx:
        row = await queries.BY_ID_FOR_UPDATE.one(tx, complaint_id)
        if row is None:
            raise ComplaintNotFound
        if row.answered_at is not None:
            raise AlreadyAnswered
        rules.require_clear(row.kind, command.outcome, command.confirmed)
        evidence_id = await evidence.store(tx, signed)
        sealed = resources.keyring.seal(command.text.encode(), _context(complaint_id, "answer"))
        await queries.ANSWER.run(
            tx, row.person_id, complaint_id, command.outcome, sealed, now, evidence_id
        )
        await deadlines.fulfil(tx, TERM, [complaint_id], at=now)
        answered = ComplaintAnswered(
            complaint_id, row.kind.value, row.ground, row.executor_id, command.outcome.value
        )
        facts: list[events.Event] = [answered]
        if command.confirmed and row.ground is not None and row.executor_id is not None:
            year = legal_date(row.registered_at).year
            facts.append(ComplaintConfirmed(complaint_id, row.ground, row.executor_id, year))
        await events.append_many(tx, facts, by=actor, at=now)
    return await read(resources, actor, complaint_id, "AnswerComplaint")


def _own(keyring: Keyring, row: ComplaintRow) -> OwnComplaint:
    return OwnComplaint(
        complaint_id=row.complaint_id,
        tracking_number=row.tracking_number,
        kind=row.kind,
        status=row.status,
        registered_at=row.registered_at,
        due_on=legal_date(row.due_at),
        text=_opened(keyring, row.text_sealed, row.complaint_id, "text"),
        answer=_answer(keyring, row),
        answered_at=row.answered_at,
    )


def _answer(keyring: Keyring, row: ComplaintRow) -> str | None:
    if row.answer_sealed is None:
        return None
    return _opened(keyring, row.answer_sealed, row.complaint_id, "answer")


def _opened(keyring: Keyring, sealed: bytes, complaint_id: UUID, part: str) -> str:
    return keyring.open(sealed, _context(complaint_id, part)).decode()


def _context(complaint_id: UUID, part: str) -> bytes:
    return f"egov.complaint:{complaint_id}:{part}".encode()


async def follow_terms(db: Db) -> int:
    """Let open complaints be due when their terms are; how many moved."""
    return await queries.FOLLOW_TERMS.run(db)
