"""Reading monitorings: the issuer all, a member its commissions', an executor what concerns it."""

import base64
from datetime import date, datetime
from uuid import UUID

import msgspec

from backend.kernel.actor import EXECUTOR, ISSUER, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db, Executor
from backend.payments.monitoring import protocol_queries, queries, rules
from backend.payments.monitoring.errors import (
    MonitoringNotFound,
    ProtocolNotFound,
    ProtocolUnsigned,
)
from backend.payments.monitoring.model import (
    Comment,
    Defect,
    Finding,
    Member,
    Monitoring,
    MonitoringStatus,
    Penalty,
    ProtocolContent,
    ProtocolRow,
    ProtocolVersion,
    ShownMonitoring,
    Task,
)
from backend.registry.account import service as account
from backend.web import problems

_S = MonitoringStatus
CONFIRMED = (_S.PROTOCOL_SIGNED, _S.FOLLOW_UP, _S.CLOSED)


class Reader(msgspec.Struct, frozen=True):
    """Who reads: an executor, a member of commissions, or (nothing set) the issuer."""

    executor_id: UUID | None = None
    bin: str | None = None
    signer: bytes | None = None


async def reader_of(where: Executor, actor: Actor) -> Reader:
    """What this actor may see. Raises AccountNotOpen for an executor that is not registered."""
    if actor.roles & ISSUER:
        return Reader()
    if actor.roles & EXECUTOR:
        found = await account.require(where, actor.bin or "")
        return Reader(executor_id=found.organisation_id)
    # whose certificate names no person (a system's) sits in no commission
    return Reader(bin=actor.bin or "", signer=actor.signer or b"")


async def seen(where: Executor, reader: Reader, monitoring_id: UUID) -> Monitoring:
    """The monitoring, when this reader may see it. Raises MonitoringNotFound."""
    found = await queries.SEEN.one(
        where, reader.executor_id, reader.bin, reader.signer, monitoring_id
    )
    if found is None:
        raise MonitoringNotFound
    return found if reader.executor_id is None else msgspec.structs.replace(found, sample_id=None)


async def monitorings(
    where: Executor,
    reader: Reader,
    status: MonitoringStatus | None,
    after: UUID | None,
    limit: int,
) -> list[Monitoring]:
    """Newest first."""
    rows = await queries.LIST.all(
        where, reader.executor_id, reader.bin, reader.signer, status, after, limit
    )
    if reader.executor_id is None:
        return rows
    return [msgspec.structs.replace(row, sample_id=None) for row in rows]


async def monitoring(
    db: Db,
    clock: Clock,
    calendar: LegalCalendar,
    actor: Actor,
    monitoring_id: UUID,
    language: str,
) -> ShownMonitoring:
    """A monitoring with its people and steps; an executor's first look at its notice is noted.

    Raises MonitoringNotFound, AccountNotOpen.
    """
    async with db.transaction() as tx:
        reader = await reader_of(tx, actor)
        found = await seen(tx, reader, monitoring_id)
        own = reader.executor_id
        if own is not None:
            await queries.READ_NOTICE.run(tx, monitoring_id, own, clock.now())
        announced = found.unannounced_basis is None
        return ShownMonitoring(
            found,
            problems.text(f"MONITORING_{found.status.value}", language, {})[0],
            rules.notify_by(calendar, found.starts_on) if announced else None,
            await queries.EXECUTORS.all(tx, monitoring_id, own),
            await queries.MEMBERS.all(tx, found.commission_id, found.protocol_id),
            await queries.NOTICES.all(tx, monitoring_id, own),
            await queries.MOVES.all(tx, monitoring_id),
        )


async def versions(db: Db, actor: Actor, monitoring_id: UUID) -> list[ProtocolVersion]:
    """Every text the protocol had, and how far each was signed. Raises MonitoringNotFound."""
    await seen(db, await reader_of(db, actor), monitoring_id)
    return await protocol_queries.VERSIONS.all(db, monitoring_id)


async def text_of(db: Db, actor: Actor, protocol_id: UUID) -> tuple[Monitoring, ProtocolRow]:
    """A text with its monitoring; an executor is shown the signed one alone (M §22).

    Raises ProtocolNotFound.
    """
    row = await protocol_queries.ONE.one(db, protocol_id)
    if row is None:
        raise ProtocolNotFound
    reader = await reader_of(db, actor)
    try:
        found = await seen(db, reader, row.monitoring_id)
    except MonitoringNotFound:
        raise ProtocolNotFound from None
    confirmed = found.status in CONFIRMED and found.protocol_id == protocol_id
    if reader.executor_id is not None and not confirmed:
        raise ProtocolNotFound
    return found, row


class Sheet(msgspec.Struct, frozen=True):
    """What a protocol is printed from; `only`: an extract for that executor."""

    monitoring: Monitoring
    row: ProtocolRow
    members: list[Member]
    defects: dict[int, Defect]
    only: UUID | None


async def sheet(db: Db, actor: Actor, protocol_id: UUID) -> Sheet:
    """Everything on the paper. Raises ProtocolNotFound, AccountNotOpen."""
    found, row = await text_of(db, actor, protocol_id)
    nonconformities = row.draft.nonconformities
    codes = sorted({one.code for one in nonconformities})
    defects = await queries.CODES.all(db, codes)
    return Sheet(
        found,
        row,
        await queries.MEMBERS.all(db, row.commission_id, protocol_id),
        {no: rules.defect_of(one, defects) for no, one in enumerate(nonconformities, 1)},
        (await reader_of(db, actor)).executor_id,
    )


async def content(db: Db, actor: Actor, protocol_id: UUID) -> ProtocolContent:
    """The exact bytes, for the issuer and the members. Raises ProtocolNotFound."""
    _, row = await text_of(db, actor, protocol_id)
    whole = base64.b64encode(row.content).decode()
    return ProtocolContent(row.protocol_id, row.version, whole, row.content_sha256)


async def findings(
    db: Db, actor: Actor, monitoring_id: UUID, language: str, after: int, limit: int
) -> list[Finding]:
    """Confirmed non-conformities, an executor's own. Raises MonitoringNotFound, ProtocolUnsigned."""
    reader = await reader_of(db, actor)
    found = await seen(db, reader, monitoring_id)
    if found.status not in CONFIRMED:
        raise ProtocolUnsigned
    return await protocol_queries.FINDINGS.all(
        db, monitoring_id, reader.executor_id, after, language, limit
    )


async def comments(
    db: Db, actor: Actor, monitoring_id: UUID, after: UUID | None, limit: int
) -> list[Comment]:
    """What executors said of a monitoring, an executor its own words. Raises MonitoringNotFound."""
    reader = await reader_of(db, actor)
    await seen(db, reader, monitoring_id)
    return await queries.COMMENTS.all(db, monitoring_id, reader.executor_id, after, limit)


async def tasks(
    db: Db,
    actor: Actor,
    monitoring_id: UUID | None,
    status: str | None,
    after: UUID | None,
    limit: int,
) -> list[Task]:
    """Recommendations, an executor its own."""
    own = (await reader_of(db, actor)).executor_id
    return await protocol_queries.TASKS.all(db, own, monitoring_id, status, after, limit)


async def penalties(db: Db, actor: Actor, after: UUID | None, limit: int) -> list[Penalty]:
    """Penalties, an executor its own."""
    own = (await reader_of(db, actor)).executor_id
    return await protocol_queries.PENALTIES.all(db, own, after, limit)


async def defect_codes(
    db: Db, at: datetime, after: tuple[str, date] | None, limit: int
) -> list[Defect]:
    """The dictionary: what is in force, and what will be."""
    code, valid_from = after or (None, None)
    return await queries.CODES_PAGE.all(db, legal_date(at), code, valid_from, limit)
