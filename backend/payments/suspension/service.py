"""Suspend, resume, and let the four months run out.

Scope: the law suspends payment to the executor (M §15), and names causes of two kinds. S3 is about
one act and freezes the contract of that act; S1, S2 and S4 freeze all contracts of the executor, or
the one contract the issuer names when it raises them by hand. Each act with S3 starts a clock of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from backend.kernel import deadlines, events
from backend.kernel.actor import ISSUER, SYSTEM, Actor
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.db import Db, Executor, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.suspension import causes, queries, rules
from backend.payments.suspension.errors import (
    AlreadySuspended,
    CauseNotRemoved,
    ExecutorUnknown,
    SuspensionNotActive,
    SuspensionNotFound,
)
from backend.payments.suspension.events import (
    PaymentResumed,
    PaymentSuspended,
    SuspensionExpired,
)
from backend.payments.suspension.model import (
    Cause,
    Change,
    Ground,
    Raised,
    Resume,
    Suspend,
    Suspension,
    SuspensionStatus,
)
from backend.registry.account import service as account
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def raise_s3(
    tx: Tx,
    calendar: LegalCalendar,
    actor: Actor,
    *,
    executor_id: UUID,
    contract_id: UUID,
    act_id: UUID,
    no_qr: int,
    cases: int,
    at: datetime,
) -> UUID | None:
    """Suspend the contract of an act with too many cases without QR visit; None when it has not.

    In the transaction that submits the act: no act of this kind is ever seen unsuspended.
    """
    if not rules.without_qr_too_often(no_qr, cases):
        return None
    return await _add(
        tx,
        calendar,
        actor,
        executor_id=executor_id,
        contract_id=contract_id,
        act_id=act_id,
        ground=Ground.S3,
        basis=f"{no_qr} / {cases}",
        facts={"no_qr": no_qr, "cases": cases},
        document_sha256=None,
        evidence_id=None,
        at=at,
    )


async def suspend(resources: Resources, actor: Actor, signed: Signed[Suspend]) -> Suspension:
    """Suspend by hand on S1, S2 or S4 with a documentary basis (M §15).

    Raises ExecutorUnknown, AlreadySuspended.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        if await queries.PARTY.one(tx, command.executor_id, command.contract_id) is None:
            raise ExecutorUnknown
        evidence_id = await evidence.store(tx, signed)
        try:
            suspension_id = await _add(
                tx,
                resources.calendar,
                actor,
                executor_id=command.executor_id,
                contract_id=command.contract_id,
                act_id=None,
                ground=Ground(command.ground),
                basis=command.basis,
                facts={},
                document_sha256=bytes.fromhex(command.document_sha256),
                evidence_id=evidence_id,
                at=now,
            )
        except asyncpg.UniqueViolationError as e:
            if violated(e) == queries.BY_HAND:
                raise AlreadySuspended from None
            raise
        return await queries.FIND.get(tx, suspension_id, None)


async def raise_many(
    tx: Tx, calendar: LegalCalendar, found: Sequence[Cause], at: datetime
) -> list[Raised]:
    """The system suspends all contracts of executors that gave cause; those that are suspended anew.

    Who is suspended on the same ground already stays so, on its first clock.
    """
    if not found:
        return []
    last = rules.remove_by(calendar, at)
    raised = await queries.RAISE.all(
        tx,
        [uuid7() for _ in found],
        [c.executor_id for c in found],
        [c.ground for c in found],
        [c.basis for c in found],
        [c.facts for c in found],
        at,
        last,
    )
    owners = {r.suspension_id: f"organisation:{r.executor_id}" for r in raised}
    await deadlines.start_each(tx, "d7", owners, started_at=at, due_at=end_of_legal_day(last))
    told = [PaymentSuspended(r.suspension_id, r.executor_id, None, r.ground) for r in raised]
    await events.append_many(tx, told, by=SYSTEM, at=at)
    return raised


async def _add(
    tx: Tx,
    calendar: LegalCalendar,
    actor: Actor,
    *,
    executor_id: UUID,
    contract_id: UUID | None,
    act_id: UUID | None,
    ground: Ground,
    basis: str,
    facts: dict[str, Any],
    document_sha256: bytes | None,
    evidence_id: UUID | None,
    at: datetime,
) -> UUID:
    suspension_id = uuid7()
    last = rules.remove_by(calendar, at)
    await queries.ADD.run(
        tx,
        suspension_id,
        executor_id,
        contract_id,
        act_id,
        ground,
        at,
        last,
        basis,
        document_sha256,
        evidence_id,
        facts,
    )
    await deadlines.start(
        tx,
        "d7",
        suspension_id,
        f"organisation:{executor_id}",
        started_at=at,
        due_at=end_of_legal_day(last),
    )
    raised = PaymentSuspended(suspension_id, executor_id, contract_id, ground)
    await events.append(tx, raised, by=actor, at=at)
    return suspension_id


async def resume(resources: Resources, actor: Actor, signed: Signed[Resume]) -> Suspension:
    """Resume after full removal of the cause, within four months of detection (M §16).

    Raises SuspensionNotFound, SuspensionNotActive (also after the last day, whatever the sweep did),
    CauseNotRemoved when the source of S1 or S2 still shows it.
    """
    command, now = signed.command, resources.clock.now()
    known = await find(resources.db.payments, command.suspension_id, None)
    _require_resumable(known, now)
    if await causes.still_there(resources, known, command.document_date or legal_date(now)):
        raise CauseNotRemoved(ground=known.ground)
    async with resources.db.payments.transaction() as tx:
        found = await queries.FIND_FOR_UPDATE.one(tx, command.suspension_id)
        if found is None:
            raise SuspensionNotFound
        _require_resumable(found, now)
        await queries.RESUME.run(
            tx,
            found.suspension_id,
            command.text,
            bytes.fromhex(command.document_sha256),
            await evidence.store(tx, signed),
            now,
        )
        await deadlines.fulfil(tx, "d7", [found.suspension_id], at=now)
        resumed = PaymentResumed(
            found.suspension_id, found.executor_id, found.contract_id, found.ground
        )
        await events.append(tx, resumed, by=actor, at=now)
        return await queries.FIND.get(tx, found.suspension_id, None)


def _require_resumable(found: Suspension, now: datetime) -> None:
    if found.status is not SuspensionStatus.ACTIVE or legal_date(now) > found.remove_by:
        raise SuspensionNotActive(status=found.status)


async def expire(tx: Tx, at: datetime) -> list[Suspension]:
    """End suspensions whose four months have passed: each is ground T3 from now on (M §17(3))."""
    expired = await queries.EXPIRE.all(tx, legal_date(at))
    told = [
        SuspensionExpired(one.suspension_id, one.executor_id, one.contract_id, one.ground)
        for one in expired
    ]
    await events.append_many(tx, told, by=SYSTEM, at=at)
    return expired


async def history(where: Executor, suspension_id: UUID, executor_id: UUID | None) -> list[Change]:
    """What became of a suspension, in order. Raises SuspensionNotFound."""
    await find(where, suspension_id, executor_id)
    return await queries.HISTORY.all(where, suspension_id)


async def find(where: Executor, suspension_id: UUID, executor_id: UUID | None) -> Suspension:
    """One suspension; of `executor_id` only, when it is given. Raises SuspensionNotFound."""
    found = await queries.FIND.one(where, suspension_id, executor_id)
    if found is None:
        raise SuspensionNotFound
    return found


async def page(
    where: Executor,
    executor_id: UUID | None,
    status: str | None,
    after: UUID | None,
    limit: int,
) -> list[Suspension]:
    """Suspensions in the order they were raised; of one executor, or of all."""
    return await queries.LIST.all(where, executor_id, status, after, limit)


async def scope_of(where: Executor, actor: Actor) -> UUID | None:
    """Whose suspensions the actor may see: None for the issuer, else its own. Raises AccountNotOpen."""
    if actor.roles & ISSUER:
        return None
    return (await account.require(where, actor.bin or "")).organisation_id


async def follow_terms(db: Db) -> int:
    """Let running suspensions run out when their terms do; how many moved."""
    return await queries.FOLLOW_TERMS.run(db)
