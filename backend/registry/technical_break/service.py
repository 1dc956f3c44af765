"""Use cases of technical breaks (M §24, domain 3.17)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from backend.kernel import deadlines, events
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.technical_break import queries, rules
from backend.registry.technical_break.errors import BreakOverlaps, BreakUnknown
from backend.registry.technical_break.events import (
    BreakAnnounced,
    BreakBegun,
    BreakCancelled,
    BreakEnded,
    BreakPutOff,
)
from backend.registry.technical_break.model import (
    AnnounceBreak,
    BeginBreak,
    BreakKind,
    BreakState,
    CancelBreak,
    EndBreak,
    PutOffEnd,
    StoredBreak,
    TechnicalBreak,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

_S = BreakState
REGISTRAR_OWES = "registrar"
_ONE_AT_A_TIME = {"technical_break_apart", "technical_break_running"}


async def announce(
    resources: Resources, actor: Actor, signed: Signed[AnnounceBreak]
) -> TechnicalBreak:
    """Post a break for everybody to read; of a planned one the term d9 is kept by that.

    An emergency whose hour has come runs from that hour on. Raises BreakTimes, BreakNoticeTooLate,
    BreakOverlaps, DateOutOfRange, DocumentAlreadyUsed.
    """
    now, command = resources.clock.now(), signed.command
    rules.require_announceable(resources.calendar, command, now)
    began_at, ended_at = rules.happened(command, now)
    break_id, reason = uuid7(), command.reason
    async with _one_at_a_time(resources.db.registry) as tx:
        await queries.ADD.run(
            tx,
            break_id,
            command.kind,
            command.starts_at,
            command.ends_at,
            reason.kk,
            reason.ru,
            reason.en,
            now,
            began_at,
            ended_at,
        )
        await _keep_step(tx, actor, signed, break_id, "ANNOUNCED", now)
        told = BreakAnnounced(break_id, command.kind, command.starts_at, command.ends_at)
        await events.append(tx, told, by=actor, at=now)
        if began_at is not None and ended_at is None:
            await events.append(tx, BreakBegun(break_id, command.ends_at), by=actor, at=now)
        if command.kind is BreakKind.PLANNED:
            due_at = rules.notice_until(resources.calendar, command.starts_at)
            await deadlines.start(
                tx, rules.NOTICE, break_id, REGISTRAR_OWES, started_at=now, due_at=due_at
            )
            await deadlines.fulfil(tx, rules.NOTICE, [break_id], at=now)
        return rules.show(await queries.ONE.get(tx, break_id), now)


async def begin(resources: Resources, actor: Actor, signed: Signed[BeginBreak]) -> TechnicalBreak:
    """Let the announced break begin, not before its hour: from now on nothing in the registry changes.

    Raises BreakUnknown, BreakStateWrong, BreakNotDue, BreakOverlaps, DocumentAlreadyUsed.
    """
    now, break_id = resources.clock.now(), signed.command.break_id
    async with _one_at_a_time(resources.db.registry) as tx:
        stored = await _in_state(tx, break_id, _S.ANNOUNCED, now)
        rules.require_due(stored, now)
        await queries.BEGIN.run(tx, break_id, now)
        await _keep_step(tx, actor, signed, break_id, "BEGUN", now)
        await events.append(tx, BreakBegun(break_id, stored.until_at), by=actor, at=now)
        return rules.show(await queries.ONE.get(tx, break_id), now)


async def put_off(resources: Resources, actor: Actor, signed: Signed[PutOffEnd]) -> TechnicalBreak:
    """Say that the running break lasts longer. Raises BreakUnknown, BreakStateWrong, BreakTimes."""
    now, command = resources.clock.now(), signed.command
    async with resources.db.registry.transaction() as tx:
        stored = await _in_state(tx, command.break_id, _S.RUNNING, now)
        rules.require_later(stored, command.until_at, now)
        await queries.PUT_OFF.run(tx, command.break_id, command.until_at)
        await _keep_step(tx, actor, signed, command.break_id, "PUT_OFF", now, command.until_at)
        told = BreakPutOff(command.break_id, command.until_at)
        await events.append(tx, told, by=actor, at=now)
        return rules.show(await queries.ONE.get(tx, command.break_id), now)


async def end(resources: Resources, actor: Actor, signed: Signed[EndBreak]) -> TechnicalBreak:
    """The registry works again. Raises BreakUnknown, BreakStateWrong, DocumentAlreadyUsed."""
    now, break_id = resources.clock.now(), signed.command.break_id
    async with resources.db.registry.transaction() as tx:
        stored = await _in_state(tx, break_id, _S.RUNNING, now)
        assert stored.began_at is not None, "it runs"
        # a clock that was set back ends nothing before it began
        await queries.END.run(tx, break_id, max(now, stored.began_at))
        await _keep_step(tx, actor, signed, break_id, "ENDED", now)
        await events.append(tx, BreakEnded(break_id), by=actor, at=now)
        return rules.show(await queries.ONE.get(tx, break_id), now)


async def cancel(resources: Resources, actor: Actor, signed: Signed[CancelBreak]) -> TechnicalBreak:
    """Call an announced break off. Raises BreakUnknown, BreakStateWrong, DocumentAlreadyUsed."""
    now, break_id = resources.clock.now(), signed.command.break_id
    async with resources.db.registry.transaction() as tx:
        await _in_state(tx, break_id, _S.ANNOUNCED, now)
        await queries.CANCEL.run(tx, break_id, now)
        await _keep_step(tx, actor, signed, break_id, "CANCELLED", now)
        await events.append(tx, BreakCancelled(break_id), by=actor, at=now)
        return rules.show(await queries.ONE.get(tx, break_id), now)


async def listed(db: Db, clock: Clock, before: UUID | None, limit: int) -> list[TechnicalBreak]:
    """Breaks, the last announced first."""
    now = clock.now()
    return [rules.show(stored, now) for stored in await queries.LIST.all(db, before, limit)]


async def running_until(db: Db) -> datetime | None:
    """When the break the registry is in should end; None when it works."""
    return await queries.RUNNING_UNTIL.one(db)


async def require_open(db: Db, clock: Clock) -> None:
    """Raises RegistryRests while the registry is in a break."""
    until_at = await running_until(db)
    if until_at is not None:
        raise rules.resting(until_at, clock.now())


@asynccontextmanager
async def _one_at_a_time(db: Db) -> AsyncIterator[Tx]:
    """A transaction whose break may not lie across another one."""
    try:
        async with db.transaction() as tx:
            yield tx
    except (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError) as e:
        if violated(e) in _ONE_AT_A_TIME:
            raise BreakOverlaps from None
        raise


async def _in_state(tx: Tx, break_id: UUID, wanted: BreakState, now: datetime) -> StoredBreak:
    stored = await queries.FOR_UPDATE.one(tx, break_id)
    if stored is None:
        raise BreakUnknown(path="document.break_id")
    rules.require_state(stored, wanted, now)
    return stored


async def _keep_step(
    tx: Tx,
    actor: Actor,
    signed: Signed[Any],
    break_id: UUID,
    step: str,
    at: datetime,
    until_at: datetime | None = None,
) -> None:
    proof = await evidence.store(tx, signed)
    await queries.ADD_STEP.run(tx, break_id, step, at, until_at, actor.label, proof, uuid7())
