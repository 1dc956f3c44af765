"""Plan a monitoring, form its commission, tell the executors, start, close (M §20)."""

from datetime import date
from uuid import UUID

import asyncpg

from backend.kernel import deadlines, events
from backend.kernel.actor import Actor
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.config import Config
from backend.kernel.db import Tx, violated
from backend.kernel.ids import require_iin, uuid7
from backend.kernel.resources import Resources
from backend.payments.monitoring import protocol_queries, queries, rules
from backend.payments.monitoring.commands import (
    CloseMonitoring,
    FormCommission,
    MemberDraft,
    NotifyExecutors,
    PlanMonitoring,
    RescheduleMonitoring,
)
from backend.payments.monitoring.errors import (
    FollowUpOpen,
    MemberUnfit,
    MonitoredUnknown,
    MonitoringNotFound,
    MonitoringNotYet,
    MonitoringStateWrong,
    ProtocolUnsigned,
    SampleUnknown,
)
from backend.payments.monitoring.events import (
    CommissionFormed,
    MonitoringClosed,
    MonitoringNotified,
)
from backend.payments.monitoring.model import (
    Monitoring,
    MonitoringStatus,
)
from backend.payments.monitoring.protocol_text import MemberKind
from backend.payments.sampling import service as sampling
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

_S = MonitoringStatus
ISSUER_OWES = "issuer"


async def plan(resources: Resources, actor: Actor, signed: Signed[PlanMonitoring]) -> Monitoring:
    """Plan a monitoring; unless nobody is to be told, the term of the notice begins (d8).

    Raises MonitoringDates, BasisMissing, MonitoredUnknown, MonitoringNotFound for `repeats`,
    SampleUnknown, NoticeTooLate when the day cannot be announced in time any more.
    """
    command, now = signed.command, resources.clock.now()
    today = legal_date(now)
    rules.require_plan(command, today)
    announced = command.unannounced_basis is None
    if announced:
        rules.require_in_time(resources.calendar, command.starts_on, today)
    monitoring_id = uuid7()
    async with resources.db.payments.transaction() as tx:
        await _require_known(tx, command)
        number = await queries.NEXT_NO.get(tx, today.year)
        await queries.ADD.run(
            tx,
            monitoring_id,
            f"{today.year}-MON-{number:05}",
            command.kind,
            command.purpose,
            command.basis,
            command.unannounced_basis,
            command.starts_on,
            command.ends_on,
            command.repeats,
            command.sample_id,
            await evidence.store(tx, signed),
            now,
        )
        await queries.ADD_MONITORED.run(tx, monitoring_id, list(command.executors))
        await queries.ADD_MOVE.run(tx, monitoring_id, _S.PLANNED, now, actor.label, None)
        if announced:
            until = end_of_legal_day(rules.notify_by(resources.calendar, command.starts_on))
            await deadlines.start(
                tx, rules.NOTICE, monitoring_id, ISSUER_OWES, started_at=now, due_at=until
            )
        return await queries.ONE.get(tx, monitoring_id)


async def _require_known(tx: Tx, command: PlanMonitoring) -> None:
    known = set(await queries.KNOWN_EXECUTORS.all(tx, list(command.executors)))
    for place, executor_id in enumerate(command.executors):
        if executor_id not in known:
            raise MonitoredUnknown(path=f"document.executors[{place}]")
    if command.repeats is not None and await queries.ONE.one(tx, command.repeats) is None:
        raise MonitoringNotFound(path="document.repeats")
    if command.sample_id is not None and not await sampling.is_drawn(tx, command.sample_id):
        raise SampleUnknown(path="document.sample_id")


async def form_commission(
    resources: Resources, actor: Actor, monitoring_id: UUID, signed: Signed[FormCommission]
) -> Monitoring:
    """Name the commission, or another one before the protocol is signed: its signatures begin anew.

    Members are known by BIN and the keyed hash of their IIN. Raises MonitoringNotFound,
    MonitoringStateWrong, CommissionIncomplete, MemberUnfit, IinInvalid.
    """
    members, now = signed.command.members, resources.clock.now()
    rules.require_complete(members, seats(resources.config))
    for place, member in enumerate(members):
        require_iin(member.iin, f"document.members[{place}].iin")
    commission_id = uuid7()
    async with resources.db.payments.transaction() as tx:
        found = await locked(tx, monitoring_id)
        rules.require_status(found, *rules.COMMISSION_CHANGES)
        await queries.ADD_COMMISSION.run(
            tx, commission_id, monitoring_id, await evidence.store(tx, signed), now
        )
        await _add_members(tx, resources, commission_id, members)
        first = found.status is _S.PLANNED
        status = _S.COMMISSION_FORMED if first else found.status
        await queries.SET_COMMISSION.run(tx, monitoring_id, commission_id, status)
        note = None if first else "commission"
        await queries.ADD_MOVE.run(tx, monitoring_id, status, now, actor.label, note)
        await events.append(tx, CommissionFormed(monitoring_id), by=actor, at=now)
        return await queries.ONE.get(tx, monitoring_id)


async def _add_members(
    tx: Tx, resources: Resources, commission_id: UUID, members: tuple[MemberDraft, ...]
) -> None:
    try:
        await queries.ADD_MEMBERS.run(
            tx,
            commission_id,
            [m.kind for m in members],
            [m.bin for m in members],
            [m.organisation for m in members],
            [m.name for m in members],
            [m.post for m in members],
            [resources.keyring.lookup("iin", m.iin) for m in members],
        )
    except asyncpg.UniqueViolationError as e:
        if violated(e) == "commission_member_once":
            raise MemberUnfit(path="document.members") from None
        raise


def seats(config: Config) -> dict[MemberKind, set[str]]:
    """Which organisations may send a member of which kind: the issuer itself, and state bodies and
    chambers that have a seat in the service.
    """
    others = {
        number.strip()
        for numbers in (config.commission_bins, config.leb_bins, config.moh_bin)
        for number in numbers.split(",")
        if number.strip()
    }
    return {
        kind: {config.issuer_bin} if kind is MemberKind.ISSUER else others for kind in MemberKind
    }


async def notify(
    resources: Resources, actor: Actor, monitoring_id: UUID, signed: Signed[NotifyExecutors]
) -> Monitoring:
    """Tell every executor covered, at least five full working days before (M §20, D15).

    Raises MonitoringNotFound, MonitoringStateWrong (also where nobody is to be told, or the signed day
    is not the planned one), NoticeTooLate.
    """
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await locked(tx, monitoring_id)
        rules.require_status(found, _S.COMMISSION_FORMED)
        if found.unannounced_basis is not None:
            raise MonitoringStateWrong(status="UNANNOUNCED")
        if signed.command.starts_on != found.starts_on:
            raise MonitoringStateWrong(status="RESCHEDULED")
        rules.require_in_time(resources.calendar, found.starts_on, legal_date(now))
        evidence_id = await evidence.store(tx, signed)
        await queries.ADD_NOTICES.run(tx, monitoring_id, found.starts_on, evidence_id, now)
        await queries.SET_STATUS.run(tx, monitoring_id, _S.NOTIFIED)
        await queries.ADD_MOVE.run(tx, monitoring_id, _S.NOTIFIED, now, actor.label, None)
        await deadlines.fulfil(tx, rules.NOTICE, [monitoring_id], at=now)
        told = [
            MonitoringNotified(monitoring_id, covered.executor_id, found.starts_on)
            for covered in await queries.EXECUTORS.all(tx, monitoring_id, None)
        ]
        await events.append_many(tx, told, by=actor, at=now)
        return await queries.ONE.get(tx, monitoring_id)


async def reschedule(
    resources: Resources, actor: Actor, monitoring_id: UUID, signed: Signed[RescheduleMonitoring]
) -> Monitoring:
    """Set other days before it starts; who was told must be told again, in time.

    Raises MonitoringNotFound, MonitoringStateWrong, MonitoringDates, NoticeTooLate.
    """
    command, now = signed.command, resources.clock.now()
    rules.require_dates(command.starts_on, command.ends_on, legal_date(now))
    async with resources.db.payments.transaction() as tx:
        found = await locked(tx, monitoring_id)
        rules.require_status(found, _S.PLANNED, *rules.BEFORE_START)
        status = _S.COMMISSION_FORMED if found.status is _S.NOTIFIED else found.status
        await evidence.store(tx, signed)
        await queries.RESCHEDULE.run(tx, monitoring_id, command.starts_on, command.ends_on, status)
        await queries.ADD_MOVE.run(tx, monitoring_id, status, now, actor.label, command.reason)
        if found.unannounced_basis is None:
            rules.require_in_time(resources.calendar, command.starts_on, legal_date(now))
            until = end_of_legal_day(rules.notify_by(resources.calendar, command.starts_on))
            await queries.MOVE_NOTICE_TERM.run(tx, monitoring_id, until)
        return await queries.ONE.get(tx, monitoring_id)


async def start(resources: Resources, actor: Actor, monitoring_id: UUID) -> Monitoring:
    """The commission begins, on the announced day or later; unannounced, on the planned one or later.

    Raises MonitoringNotFound, MonitoringStateWrong, MonitoringNotYet.
    """
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await locked(tx, monitoring_id)
        ready = _S.NOTIFIED if found.unannounced_basis is None else _S.COMMISSION_FORMED
        rules.require_status(found, ready)
        _require_come(found.starts_on, legal_date(now))
        await queries.START.run(tx, monitoring_id, now)
        await queries.ADD_MOVE.run(tx, monitoring_id, _S.IN_PROGRESS, now, actor.label, None)
        return await queries.ONE.get(tx, monitoring_id)


def _require_come(starts_on: date, today: date) -> None:
    if today < starts_on:
        raise MonitoringNotYet(starts_on=starts_on.isoformat())


async def close(
    resources: Resources, actor: Actor, monitoring_id: UUID, signed: Signed[CloseMonitoring]
) -> Monitoring:
    """Close it when every recommendation has been judged.

    Raises MonitoringNotFound, ProtocolUnsigned, FollowUpOpen, MonitoringStateWrong.
    """
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await locked(tx, monitoring_id)
        if found.status is _S.PROTOCOL_DRAFT:
            seated = await protocol_queries.SEATS.all(tx, found.commission_id, found.protocol_id)
            raise ProtocolUnsigned(missing=sum(not seat.signed for seat in seated))
        rules.require_status(found, _S.PROTOCOL_SIGNED, _S.FOLLOW_UP)
        left = await protocol_queries.TASKS_LEFT.get(tx, monitoring_id)
        if left:
            raise FollowUpOpen(count=left)
        evidence_id = await evidence.store(tx, signed)
        await queries.CLOSE.run(tx, monitoring_id, now, evidence_id, signed.command.text)
        await queries.ADD_MOVE.run(tx, monitoring_id, _S.CLOSED, now, actor.label, None)
        await events.append(tx, MonitoringClosed(monitoring_id), by=actor, at=now)
        return await queries.ONE.get(tx, monitoring_id)


async def locked(tx: Tx, monitoring_id: UUID) -> Monitoring:
    """The monitoring, held to the end of the transaction. Raises MonitoringNotFound."""
    found = await queries.FOR_UPDATE.one(tx, monitoring_id)
    if found is None:
        raise MonitoringNotFound
    return found
