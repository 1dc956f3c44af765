"""Complaints of the session's own person: registered on a route of M §53, followed, pictures added.

Billed services are confirmed or disputed here too. What the issuer does of them is in `desk.py`.
"""

from contextlib import suppress
from hashlib import sha256
from uuid import UUID

import msgspec

from backend.egov_adapter.citizen import limits
from backend.egov_adapter.complaint import queries, rules, words
from backend.egov_adapter.complaint.errors import (
    AlreadyDisputed,
    BilledNotFound,
    ComplaintIncomplete,
    ComplaintNotFound,
    FileNotFound,
    TooManyFiles,
)
from backend.egov_adapter.complaint.events import ComplaintRegistered
from backend.egov_adapter.complaint.model import (
    AddedFile,
    ComplaintRow,
    ComplaintStatus,
    Confirmed,
    Dispute,
    Ground,
    Kind,
    NewComplaint,
    OwnComplaint,
    Procedure,
    Registered,
    Route,
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
from backend.payments.act.errors import ActStateWrong
from backend.payments.act.model import Mark
from backend.payments.mark import service as marks
from backend.payments.mark.errors import LineNotFound
from backend.payments.mark.model import MarkLine
from backend.web import paging
from backend.web.limits import count

OPEN = (ComplaintStatus.REGISTERED, ComplaintStatus.IN_REVIEW)


async def register(
    resources: Resources, actor: Actor, command: NewComplaint, key: str | None = None
) -> Registered:
    """Register a complaint. Raises ComplaintIncomplete; an unknown clinic is incomplete too.

    Under one `key` (the request's Idempotency-Key) the same command is one complaint, whatever died
    before its answer was kept; without a key every call is a complaint of its own.
    """
    rules.require_complete(command)
    digest = None
    if key is not None:
        said = f"{key} {msgspec.json.encode(command).decode()}"
        digest = resources.keyring.lookup("complaint-command", said)
    async with resources.db.egov.transaction() as tx:
        if digest is not None:
            await queries.LOCK.run(tx, UUID(bytes=digest[:16]))
            known = await queries.OF_COMMAND.one(tx, actor.person_id, digest)
            if known is not None:
                return Registered(
                    known.complaint_id, known.tracking_number, known.status,
                    known.registered_at, legal_date(known.due_at),
                )  # fmt: skip
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
            route=command.route,
            executor_id=command.executor_id,
            ground=command.ground,
            digest=digest,
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
        await queries.LOCK.run(tx, case_id)
        known = await queries.OF_CASE.one(tx, actor.person_id, case_id)
        if known is not None:
            raise AlreadyDisputed(tracking_number=known)
        registered = await _add(
            resources,
            tx,
            actor,
            Kind.BILLED,
            command.text,
            executor_id=case.executor_id,
            act_id=case.act_id,
            case_id=case_id,
        )
        line = MarkLine(actor.person_id, case_id, Mark.DISPUTED, registered.complaint_id)
        # Of a paid act the line stands as it is; the complaint is heard all the same.
        with suppress(ActStateWrong):
            await marks.mark(tx, actor, line, at=resources.clock.now())
        return registered


async def confirm(resources: Resources, actor: Actor, case_id: UUID) -> Confirmed:
    """Say that a billed service was given. Raises BilledNotFound, AlreadyDisputed, ActStateWrong.

    Once more changes nothing. Who has disputed a service cannot confirm it while that is looked into.
    """
    assert actor.person_id is not None, "guarded: citizens only"
    now = resources.clock.now()
    async with resources.db.egov.transaction() as tx:
        await queries.LOCK.run(tx, case_id)
        known = await queries.OF_CASE.one(tx, actor.person_id, case_id)
        if known is not None:
            raise AlreadyDisputed(tracking_number=known)
        try:
            line = MarkLine(actor.person_id, case_id, Mark.CONFIRMED)
            await marks.mark(tx, actor, line, at=now)
        except LineNotFound:
            raise BilledNotFound from None
    return Confirmed(case_id, now)


async def _add(
    resources: Resources,
    tx: Tx,
    actor: Actor,
    kind: Kind,
    text: str,
    *,
    route: Route = Route.K1,
    executor_id: UUID | None = None,
    ground: Ground | None = None,
    act_id: UUID | None = None,
    case_id: UUID | None = None,
    digest: bytes | None = None,
) -> Registered:
    assert actor.person_id is not None, "guarded: citizens only"
    now = resources.clock.now()
    term, owner = rules.TERMS[route]
    due_at = terms.deadline(resources.calendar, term, legal_date(now))
    complaint_id, number = uuid7(), rules.new_tracking_number()
    sealed = resources.keyring.seal(text.encode(), context(complaint_id, "text"))
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
        route,
        digest,
    )
    await deadlines.start(tx, term, complaint_id, owner, started_at=now, due_at=due_at)
    status = ComplaintStatus.REGISTERED
    await queries.ADD_STATUS.run(tx, complaint_id, uuid7(), status, now, due_at, None)
    registered = ComplaintRegistered(complaint_id, kind.value, executor_id, act_id, case_id)
    await events.append(tx, registered, by=actor, at=now)
    return Registered(complaint_id, number, status, now, legal_date(due_at))


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


async def add_file(
    resources: Resources, actor: Actor, complaint_id: UUID, picture: bytes
) -> AddedFile:
    """Keep a picture (already written anew) beside an open complaint of the person's own.

    The same picture again is the same file. Raises ComplaintNotFound, TooManyFiles.
    """
    digest = sha256(picture).digest()
    async with resources.db.egov.transaction() as tx:
        row = await queries.OWN.one(tx, actor.person_id, complaint_id)
        if row is None:
            raise ComplaintNotFound
        kept = await queries.FILES.all(tx, actor.person_id, complaint_id)
        for known in kept:
            if known.sha256 == digest:
                return AddedFile(known.file_id, known.no, known.size, digest.hex())
        if row.status not in OPEN or len(kept) >= rules.FILES_MAX:
            raise TooManyFiles(most=rules.FILES_MAX)
        added = AddedFile(uuid7(), len(kept) + 1, len(picture), digest.hex())
        sealed = resources.keyring.seal(picture, file_context(added.file_id))
        await queries.ADD_FILE.run(
            tx,
            actor.person_id,
            complaint_id,
            added.file_id,
            added.no,
            digest,
            added.bytes,
            sealed,
            resources.clock.now(),
        )
    return added


async def own_file(resources: Resources, actor: Actor, complaint_id: UUID, file_id: UUID) -> bytes:
    """A picture of the person's own complaint. Raises FileNotFound."""
    row = await queries.FILE.one(resources.db.egov, actor.person_id, complaint_id, file_id)
    if row is None:
        raise FileNotFound
    return resources.keyring.open(row.sealed, file_context(file_id))


def procedure(language: str) -> Procedure:
    """How to complain, to whom and by when one is answered (M §53)."""
    return words.procedure(language)


def _own(keyring: Keyring, row: ComplaintRow) -> OwnComplaint:
    return OwnComplaint(
        complaint_id=row.complaint_id,
        tracking_number=row.tracking_number,
        kind=row.kind,
        route=row.route,
        status=row.status,
        registered_at=row.registered_at,
        due_on=legal_date(row.due_at),
        text=text_of(keyring, row),
        answer=answer_of(keyring, row),
        answered_at=row.answered_at,
        decided_by=row.decided_by,
        forwarded_to=row.forwarded_to,
        files=len(row.files),
    )


def text_of(keyring: Keyring, row: ComplaintRow) -> str:
    """What the citizen wrote."""
    return keyring.open(row.text_sealed, context(row.complaint_id, "text")).decode()


def answer_of(keyring: Keyring, row: ComplaintRow) -> str | None:
    """What was answered, if anything."""
    if row.answer_sealed is None:
        return None
    return keyring.open(row.answer_sealed, context(row.complaint_id, "answer")).decode()


def context(complaint_id: UUID, part: str) -> bytes:
    """What a seal of a complaint is bound to."""
    return f"egov.complaint:{complaint_id}:{part}".encode()


def file_context(file_id: UUID) -> bytes:
    """What the seal of a picture is bound to."""
    return b"egov.complaint_file:" + file_id.bytes


async def follow_terms(db: Db) -> int:
    """Let open complaints be due when their terms are; how many moved."""
    return await queries.FOLLOW_TERMS.run(db)
