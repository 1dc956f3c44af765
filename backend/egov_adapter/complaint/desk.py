"""The issuer's desk: complaints read, answered by the head, forwarded with the administrative file (M §53)."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from backend.egov_adapter.complaint import dossier, queries, rules
from backend.egov_adapter.complaint.errors import (
    AlreadyAnswered,
    CannotBeForwarded,
    ComplaintNotFound,
    FileDiffers,
    FileNotFound,
    NotForwarded,
)
from backend.egov_adapter.complaint.events import (
    ComplaintAnswered,
    ComplaintConfirmed,
    ComplaintForwarded,
    ComplaintTakenUp,
)
from backend.egov_adapter.complaint.model import (
    AnswerComplaint,
    ComplaintRow,
    ComplaintStatus,
    DeskComplaint,
    DeskRow,
    DeskSummary,
    ForwardComplaint,
    Outcome,
    RecordDecision,
    Route,
)
from backend.egov_adapter.complaint.service import (
    OPEN,
    answer_of,
    context,
    file_context,
    text_of,
)
from backend.kernel import deadlines, events, terms
from backend.kernel.actor import Actor
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed
from backend.web import paging

_FINAL_TERMS = ("d12", "d13", "d14")


async def desk(
    resources: Resources,
    status: ComplaintStatus | None,
    route: Route | None,
    overdue: bool,
    cursor: str | None,
    limit: int,
) -> paging.Page[DeskRow]:
    """Complaints in order of registration; of one status or route, or late alone, if asked."""
    late = resources.clock.now() if overdue else None
    after = paging.decode_uuid(cursor)
    rows = await queries.DESK.all(resources.db.egov, status, after, limit + 1, route, late)
    return paging.page(rows, limit, lambda c: c.complaint_id)


async def summary(resources: Resources) -> list[DeskSummary]:
    """What stands open on each route, and what of it is late or ends today."""
    now = resources.clock.now()
    tonight = end_of_legal_day(legal_date(now)) + timedelta(microseconds=1)
    return await queries.DESK_SUMMARY.all(resources.db.egov, now, tonight)


async def read(
    resources: Resources, actor: Actor, complaint_id: UUID, operation: str = "ReadComplaint"
) -> DeskComplaint:
    """One complaint with its text; reading it takes it up, and is noted. Raises ComplaintNotFound."""
    await access_records.count_look(resources, actor)
    now = resources.clock.now()
    async with resources.db.egov.transaction() as tx:
        row = await _locked(tx, complaint_id)
        taken = await queries.TAKE_UP.run(tx, row.person_id, complaint_id)
        if taken:
            in_review = ComplaintStatus.IN_REVIEW
            await queries.ADD_STATUS.run(
                tx, complaint_id, uuid7(), in_review, now, row.due_at, None
            )
            await events.append(tx, ComplaintTakenUp(complaint_id), by=actor, at=now)
        await _note(tx, actor, operation, row, resources)
    return _shown(resources, row, ComplaintStatus.IN_REVIEW if taken else row.status)


async def answer(
    resources: Resources, actor: Actor, complaint_id: UUID, signed: Signed[AnswerComplaint]
) -> DeskComplaint:
    """Keep the head's signed answer; its term is fulfilled, late or not.

    Raises ComplaintNotFound, AlreadyAnswered, ConfirmationUnclear, NotTheIssuersAnswer,
    MustBeForwarded, DocumentAlreadyUsed.
    """
    command = signed.command
    if command.complaint_id != complaint_id:
        raise ComplaintNotFound(path="complaint_id")
    async with resources.db.egov.transaction() as tx:
        row = await _locked(tx, complaint_id)
        if row.status not in OPEN:
            raise AlreadyAnswered
        rules.require_clear(row.kind, command.outcome, command.confirmed)
        rules.require_issuers(row.route, command.outcome)
        evidence_id = await evidence.store(tx, signed)
        outcome, text, confirmed = command.outcome, command.text, command.confirmed
        await _close(
            resources, tx, actor, row, outcome, text, "ISSUER", evidence_id, confirmed=confirmed
        )
    return await read(resources, actor, complaint_id, "AnswerComplaint")


async def administrative_file(
    resources: Resources, actor: Actor, complaint_id: UUID
) -> tuple[bytes, str]:
    """What is forwarded with a complaint, as a ZIP, and its SHA-256 in hex; noted. Raises
    ComplaintNotFound, CannotBeForwarded."""
    await access_records.count_look(resources, actor)
    async with resources.db.egov.transaction() as tx:
        row = await _locked(tx, complaint_id)
        if row.route is Route.K1:
            raise CannotBeForwarded
        await _note(tx, actor, "GetAdministrativeFile", row, resources)
        packed = await _packed(resources, tx, row)
    return packed, sha256(packed).hexdigest()


async def forward(
    resources: Resources, actor: Actor, complaint_id: UUID, signed: Signed[ForwardComplaint]
) -> DeskComplaint:
    """Forward a complaint to the body that reviews it, with the file that was signed for (M §53).

    The three days of K3 end with it, and the fifteen of the body begin. Raises ComplaintNotFound,
    CannotBeForwarded, FileDiffers, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    if command.complaint_id != complaint_id:
        raise ComplaintNotFound(path="complaint_id")
    async with resources.db.egov.transaction() as tx:
        row = await _locked(tx, complaint_id)
        if row.route is Route.K1 or row.status not in OPEN:
            raise CannotBeForwarded
        digest = sha256(await _packed(resources, tx, row)).digest()
        if digest.hex() != command.file_sha256:
            raise FileDiffers
        due_at = row.due_at
        if row.route is Route.K3:
            due_at = terms.deadline(resources.calendar, rules.REVIEW_TERM, legal_date(now))
            await deadlines.fulfil(tx, "d14", [complaint_id], at=now)
            await deadlines.start(
                tx,
                rules.REVIEW_TERM,
                complaint_id,
                command.to.value.lower(),
                started_at=now,
                due_at=due_at,
            )
        evidence_id = await evidence.store(tx, signed)
        await queries.FORWARD.run(
            tx,
            row.person_id,
            complaint_id,
            now,
            command.to,
            evidence_id,
            command.number,
            digest,
            due_at,
        )
        forwarded = ComplaintStatus.FORWARDED
        await queries.ADD_STATUS.run(tx, complaint_id, uuid7(), forwarded, now, due_at, None)
        told = ComplaintForwarded(complaint_id, command.to.value)
        await events.append(tx, told, by=actor, at=now)
    return await read(resources, actor, complaint_id, "ForwardComplaint")


async def record_decision(
    resources: Resources, actor: Actor, complaint_id: UUID, signed: Signed[RecordDecision]
) -> DeskComplaint:
    """Record what the body above decided. Raises ComplaintNotFound, NotForwarded, AlreadyAnswered."""
    command = signed.command
    if command.complaint_id != complaint_id:
        raise ComplaintNotFound(path="complaint_id")
    async with resources.db.egov.transaction() as tx:
        row = await _locked(tx, complaint_id)
        if row.answered_at is not None:
            raise AlreadyAnswered
        if row.forwarded_to is None:
            raise NotForwarded
        evidence_id = await evidence.store(tx, signed)
        by = row.forwarded_to.value
        await _close(resources, tx, actor, row, command.outcome, command.text, by, evidence_id)
    return await read(resources, actor, complaint_id, "RecordComplaintDecision")


async def picture(resources: Resources, actor: Actor, complaint_id: UUID, file_id: UUID) -> bytes:
    """A picture the citizen added; noted. Raises ComplaintNotFound, FileNotFound."""
    await access_records.count_look(resources, actor)
    async with resources.db.egov.transaction() as tx:
        row = await _locked(tx, complaint_id)
        found = await queries.FILE.one(tx, row.person_id, complaint_id, file_id)
        if found is None:
            raise FileNotFound
        await _note(tx, actor, "ReadComplaintPicture", row, resources)
    return resources.keyring.open(found.sealed, file_context(file_id))


async def _locked(tx: Tx, complaint_id: UUID) -> ComplaintRow:
    row = await queries.BY_ID_FOR_UPDATE.one(tx, complaint_id)
    if row is None:
        raise ComplaintNotFound
    return row


async def _note(
    tx: Tx, actor: Actor, operation: str, row: ComplaintRow, resources: Resources
) -> None:
    access = Access(actor, operation, Basis.COMPLAINT, (Field.COMPLAINT,), row.complaint_id)
    await access_records.record(tx, access, [row.person_id], at=resources.clock.now())


async def _close(
    resources: Resources,
    tx: Tx,
    actor: Actor,
    row: ComplaintRow,
    outcome: Outcome,
    text: str,
    decided_by: str,
    evidence_id: UUID,
    *,
    confirmed: bool | None = None,
) -> None:
    """The outcome, sealed; every term ends; whoever counts or tells hears of it."""
    now, complaint_id = resources.clock.now(), row.complaint_id
    sealed = resources.keyring.seal(text.encode(), context(complaint_id, "answer"))
    await queries.ANSWER.run(
        tx,
        row.person_id,
        complaint_id,
        outcome,
        sealed,
        now,
        evidence_id,
        confirmed,
        decided_by,
    )
    await queries.ADD_STATUS.run(
        tx, complaint_id, uuid7(), outcome.value, now, row.due_at, evidence_id
    )
    for term in _FINAL_TERMS:
        await deadlines.fulfil(tx, term, [complaint_id], at=now)
    kind, ground = row.kind.value, row.ground
    facts: list[events.Event] = [
        ComplaintAnswered(complaint_id, kind, ground, row.executor_id, outcome.value)
    ]
    if confirmed and ground is not None and row.executor_id is not None:
        year = legal_date(row.registered_at).year
        facts.append(ComplaintConfirmed(complaint_id, ground, row.executor_id, year))
    await events.append_many(tx, facts, by=actor, at=now)


async def _packed(resources: Resources, tx: Tx, row: ComplaintRow) -> bytes:
    files = await queries.FILES.all(tx, row.person_id, row.complaint_id)
    keyring = resources.keyring
    pictures = [(f.no, keyring.open(f.sealed, file_context(f.file_id))) for f in files]
    return dossier.packed(row, text_of(keyring, row), pictures)


def _shown(resources: Resources, row: ComplaintRow, status: ComplaintStatus) -> DeskComplaint:
    return DeskComplaint(
        complaint_id=row.complaint_id,
        tracking_number=row.tracking_number,
        kind=row.kind,
        route=row.route,
        ground=row.ground,
        executor_id=row.executor_id,
        act_id=row.act_id,
        case_id=row.case_id,
        status=status,
        registered_at=row.registered_at,
        due_at=row.due_at,
        text=text_of(resources.keyring, row),
        answer=answer_of(resources.keyring, row),
        answered_at=row.answered_at,
        confirmed=row.confirmed,
        decided_by=row.decided_by,
        forwarded_at=row.forwarded_at,
        forwarded_to=row.forwarded_to,
        forward_number=row.forward_number,
        files=list(row.files),
    )
