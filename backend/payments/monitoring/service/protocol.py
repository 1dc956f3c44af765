"""Write the protocol and sign it: one text of exact bytes, every member, in any order (M §21)."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel import deadlines, events
from backend.kernel.actor import Actor
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.db import Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.monitoring import protocol_queries, queries, rules
from backend.payments.monitoring.errors import (
    AlreadySigned,
    NotAMember,
    ProtocolInvalid,
    ProtocolNotFound,
    ProtocolSuperseded,
)
from backend.payments.monitoring.events import ProtocolSigned
from backend.payments.monitoring.model import (
    Defect,
    Finding,
    Monitoring,
    MonitoringStatus,
    ProtocolRow,
    Seat,
)
from backend.payments.monitoring.protocol_text import DraftProtocol
from backend.payments.monitoring.service.steps import locked
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Proof
from backend.signing.model import Role

_S = MonitoringStatus
# A member signs as the person he is; which of these his certificate says matters to nobody here.
MEMBERS_SIGN_AS = frozenset({Role.HEAD, Role.SIGNATORY, Role.FINANCE, Role.EMPLOYEE})


async def draft(
    resources: Resources, actor: Actor, monitoring_id: UUID, text: DraftProtocol
) -> ProtocolRow:
    """Write the protocol's text. A changed one is a new version without signatures; the same one,
    for the same commission, stays what it is.

    Raises MonitoringNotFound, MonitoringStateWrong, ProtocolInvalid, DefectUnknown, OutsidePowers,
    EarlierUnassessed.
    """
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await locked(tx, monitoring_id)
        rules.require_status(found, _S.IN_PROGRESS, _S.PROTOCOL_DRAFT)
        assert found.commission_id is not None, "the database says so"
        if found.protocol_id is not None:
            current = await protocol_queries.ONE.get(tx, found.protocol_id)
            if current.draft == text and current.commission_id == found.commission_id:
                return current
        await _require_own(tx, text)
        covered = await queries.EXECUTORS.all(tx, monitoring_id, None)
        ids = [one.executor_id for one in covered]
        earlier = await protocol_queries.EARLIER.all(tx, ids, monitoring_id)
        rules.require_draft(
            text,
            covered=set(ids),
            defects=await _defects(tx, text),
            earlier=earlier,
            starts_on=found.starts_on,
            today=legal_date(now),
        )
        protocol_id = uuid7()
        version = 1 + len(await protocol_queries.VERSIONS.all(tx, monitoring_id))
        content = rules.content(
            protocol_id,
            version,
            found,
            await queries.MEMBERS.all(tx, found.commission_id, None),
            covered,
            earlier,
            text,
            legal_date(now),
        )
        await protocol_queries.ADD.run(
            tx,
            protocol_id,
            monitoring_id,
            version,
            found.commission_id,
            msgspec.to_builtins(text),
            content,
            now,
            actor.label,
        )
        await protocol_queries.SET_CURRENT.run(tx, monitoring_id, protocol_id)
        note = str(version)
        await queries.ADD_MOVE.run(tx, monitoring_id, _S.PROTOCOL_DRAFT, now, actor.label, note)
        return await protocol_queries.ONE.get(tx, protocol_id)


async def _require_own(tx: Tx, text: DraftProtocol) -> None:
    """Contracts and acts a finding names are of the executor it is about."""
    found = text.nonconformities
    foreign = await protocol_queries.FOREIGN.one(
        tx,
        [one.executor_id for one in found],
        [one.contract_id for one in found],
        [one.act_id for one in found],
    )
    if foreign is not None:
        raise ProtocolInvalid(path=f"nonconformities[{foreign}].contract_id")


async def _defects(tx: Tx, text: DraftProtocol) -> dict[str, list[Defect]]:
    codes = {one.code for one in text.nonconformities}
    by_code: dict[str, list[Defect]] = {code: [] for code in codes}
    for defect in await queries.CODES.all(tx, sorted(codes)):
        by_code[defect.code].append(defect)
    return by_code


# --- signing ----------------------------------------------------------------------------------------


async def sign(
    resources: Resources, actor: Actor, protocol_id: UUID, signature: str
) -> tuple[Monitoring, int]:
    """One member signs exactly the stored bytes; how many signatures are missing then.

    With the last one the findings are confirmed: they, the tasks and the events come into being in
    this transaction, never before (M §22). Raises ProtocolNotFound, NotAMember, AlreadySigned,
    ProtocolSuperseded, MonitoringStateWrong, and as `evidence.accept_detached`.
    """
    db = resources.db.payments
    text = await protocol_queries.ONE.one(db, protocol_id)
    if text is None:
        raise ProtocolNotFound
    seat = _seat_of(actor, await protocol_queries.SEATS.all(db, text.commission_id, protocol_id))
    proof = await evidence.accept_detached(
        resources,
        actor,
        signature,
        text.content,
        # two members of one organisation sign the same bytes: each signature serves its own place
        operation=f"monitoring.protocol.sign.{seat.no}",
        roles=MEMBERS_SIGN_AS,
    )
    if proof.signer != seat.iin_hash:
        raise NotAMember
    async with db.transaction() as tx:
        found = await locked(tx, text.monitoring_id)
        if (found.protocol_id, found.commission_id) != (protocol_id, text.commission_id):
            raise ProtocolSuperseded
        missing = await _add_signature(tx, resources, actor, found, text, seat, proof)
        return await queries.ONE.get(tx, found.monitoring_id), missing


def _seat_of(actor: Actor, seats: list[Seat]) -> Seat:
    """The place of whoever holds this session: his organisation and his own number are both bound."""
    for seat in seats:
        if seat.bin == actor.bin and seat.iin_hash == actor.signer:
            return seat
    raise NotAMember


async def _add_signature(
    tx: Tx,
    resources: Resources,
    actor: Actor,
    found: Monitoring,
    text: ProtocolRow,
    seat: Seat,
    proof: Proof,
) -> int:
    seats = await protocol_queries.SEATS.all(tx, text.commission_id, text.protocol_id)
    if any(one.no == seat.no and one.signed for one in seats):
        raise AlreadySigned
    rules.require_status(found, _S.PROTOCOL_DRAFT)
    now = resources.clock.now()
    await protocol_queries.ADD_SIGNATURE.run(
        tx, text.protocol_id, text.commission_id, seat.no, await evidence.store(tx, proof), now
    )
    missing = sum(not one.signed for one in seats) - 1
    if missing == 0:
        await _confirm(tx, resources, actor, found, text, now)
    return missing


async def _confirm(
    tx: Tx,
    resources: Resources,
    actor: Actor,
    found: Monitoring,
    text: ProtocolRow,
    now: datetime,
) -> None:
    """Everybody has signed: what the protocol says is confirmed, and what it asks begins."""
    monitoring_id = found.monitoring_id
    await protocol_queries.SIGNED.run(tx, monitoring_id, now)
    await queries.ADD_MOVE.run(tx, monitoring_id, _S.PROTOCOL_SIGNED, now, actor.label, None)
    findings = await _add_findings(tx, text, now)
    await protocol_queries.ADD_ASSESSMENTS.run(
        tx,
        text.protocol_id,
        [one.task_id for one in text.draft.earlier],
        [one.outcome for one in text.draft.earlier],
        [one.text for one in text.draft.earlier],
    )
    if text.draft.recommendations:
        await _add_tasks(tx, resources, text, findings, now)
        await queries.SET_STATUS.run(tx, monitoring_id, _S.FOLLOW_UP)
        await queries.ADD_MOVE.run(tx, monitoring_id, _S.FOLLOW_UP, now, actor.label, None)
    facts = []
    for covered in await queries.EXECUTORS.all(tx, monitoring_id, None):
        of_it = [one for one in findings if one.executor_id == covered.executor_id]
        facts += [
            ProtocolSigned(
                monitoring_id,
                executor_id=covered.executor_id,
                protocol_id=text.protocol_id,
                protocol_sha256=text.content_sha256,
                nonconformities=follows.findings,
                terminates=follows.recorded_on is not None,
                recorded_on=follows.recorded_on,
                contract_id=follows.contract_id,
                address_mismatch_on=follows.address_mismatch_on,
            )
            for follows in rules.consequences(of_it)
        ]
    await events.append_many(tx, facts, by=actor, at=now)


async def _add_findings(tx: Tx, text: ProtocolRow, now: datetime) -> list[Finding]:
    findings = [
        Finding(
            uuid7(),
            text.monitoring_id,
            one.executor_id,
            no,
            one.code,
            one.code,
            one.found_by,
            one.text,
            one.recorded_on,
            one.ground,
            one.contract_id,
            one.act_id,
            now,
        )
        for no, one in enumerate(text.draft.nonconformities, 1)
    ]
    await protocol_queries.ADD_FINDINGS.run(
        tx,
        text.protocol_id,
        text.monitoring_id,
        now,
        [one.finding_id for one in findings],
        [one.executor_id for one in findings],
        [one.code for one in findings],
        [one.found_by for one in findings],
        [one.text for one in findings],
        [one.recorded_on for one in findings],
        [one.ground for one in findings],
        [one.contract_id for one in findings],
        [one.act_id for one in findings],
    )
    return findings


async def _add_tasks(
    tx: Tx, resources: Resources, text: ProtocolRow, findings: list[Finding], now: datetime
) -> None:
    """Recommendations become tasks; their terms run from today, the day everybody had signed."""
    asked = text.draft.recommendations
    ids = [uuid7() for _ in asked]
    due = [rules.due_on(resources.calendar, one, legal_date(now)) for one in asked]
    await protocol_queries.ADD_TASKS.run(
        tx,
        text.protocol_id,
        text.monitoring_id,
        ids,
        [one.executor_id for one in asked],
        [
            None if one.nonconformity is None else findings[one.nonconformity - 1].finding_id
            for one in asked
        ],
        [one.text for one in asked],
        due,
    )
    count = len(asked)
    await deadlines.START.run(
        tx,
        [rules.FOLLOW_UP] * count,
        ids,
        [f"organisation:{one.executor_id}" for one in asked],
        [now] * count,
        [end_of_legal_day(day) for day in due],
    )
