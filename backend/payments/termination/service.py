"""Stop payment on T1-T3, terminate the contracts by the issuer's decision, settle what was before.

Payment is stopped the moment a ground is detected (M §18); the contracts end by a decision of their own.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from backend.allocation.contract import termination as contracts
from backend.kernel import events
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.clock import legal_date
from backend.kernel.db import Executor, Tx, violated
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.budget import service as budget
from backend.payments.suspension import service as suspension
from backend.payments.suspension.model import Change
from backend.payments.termination import queries, rules
from backend.payments.termination.errors import (
    AlreadyTerminated,
    NothingToTerminate,
    TerminationNotFound,
)
from backend.payments.termination.events import (
    PaymentTerminated,
    StoppedActsDecided,
    TerminationDecided,
    TerminationWithdrawn,
)
from backend.payments.termination.model import (
    Document,
    Open,
    Settle,
    Terminate,
    Termination,
    TerminationGround,
    TerminationStatus,
    TerminationWithActs,
    Withdraw,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

_SHOWN_MAX = 1_000
_AT_ONCE = 50


# --- stopping payment ---------------------------------------------------------------------------


async def open_(resources: Resources, actor: Actor, signed: Signed[Open]) -> Termination:
    """Stop payment on T1 or T2 by its document (M §17(1), (2)), from now on.

    Raises EffectiveDateWrong, NothingToTerminate, AlreadyTerminated, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    rules.require_openable(command, legal_date(now))
    async with resources.db.payments.transaction() as tx:
        evidence_id = await evidence.store(tx, signed)
        termination_id = await _open(
            tx,
            actor,
            executor_id=command.executor_id,
            contract_id=command.contract_id,
            ground=TerminationGround(command.ground),
            effective_from=command.effective_from,
            basis=command.basis,
            document=command.document,
            protocol_id=None,
            evidence_id=evidence_id,
            at=now,
        )
        return await queries.FIND.get(tx, termination_id, None)


async def open_by_protocol(
    resources: Resources,
    executor_id: UUID,
    contract_id: UUID | None,
    protocol_id: UUID,
    protocol_sha256: str,
    recorded_on: date,
) -> None:
    """A protocol signed by all shows ground to terminate (T2): payment stops. Safe to repeat."""
    now = resources.clock.now()
    document = Document(str(protocol_id), legal_date(now), "monitoring commission", protocol_sha256)
    try:
        async with resources.db.payments.transaction() as tx:
            await _open(
                tx,
                SYSTEM,
                executor_id=executor_id,
                contract_id=contract_id,
                ground=TerminationGround.T2,
                effective_from=recorded_on,
                basis=f"protocol of {recorded_on}",
                document=document,
                protocol_id=protocol_id,
                evidence_id=None,
                at=now,
            )
    except (AlreadyTerminated, NothingToTerminate):
        return


async def _open(
    tx: Tx,
    actor: Actor,
    *,
    executor_id: UUID,
    contract_id: UUID | None,
    ground: TerminationGround,
    effective_from: date,
    basis: str,
    document: Document,
    protocol_id: UUID | None,
    evidence_id: UUID | None,
    at: datetime,
) -> UUID:
    stopped = await queries.CONTRACTS.all(tx, executor_id, contract_id)
    if not stopped:
        raise NothingToTerminate
    termination_id = uuid7()
    try:
        await queries.ADD.run(
            tx,
            termination_id,
            executor_id,
            ground,
            at,
            effective_from,
            basis,
            document,
            protocol_id,
            evidence_id,
        )
    except asyncpg.UniqueViolationError as e:
        if violated(e) == queries.BY_DOCUMENT:
            raise AlreadyTerminated from None
        raise
    await queries.ADD_CONTRACTS.run(tx, termination_id, stopped)
    told = PaymentTerminated(termination_id, executor_id, ground, effective_from, tuple(stopped))
    await events.append(tx, told, by=actor, at=at)
    return termination_id


async def expire(resources: Resources) -> int:
    """Suspensions whose four months have passed stop payment for good (T3); how many did."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        expired = await suspension.expire(tx, now)
        if not expired:
            return 0
        ids = [uuid7() for _ in expired]
        await queries.ADD_EXPIRED.run(tx, ids, [s.suspension_id for s in expired], now)
        await queries.ADD_EXPIRED_CONTRACTS.run(tx, ids)
        told = [
            PaymentTerminated(
                t.termination_id, t.executor_id, t.ground, t.effective_from, t.contract_ids
            )
            for t in await queries.MANY.all(tx, ids)
        ]
        await events.append_many(tx, told, by=SYSTEM, at=now)
    return len(expired)


# --- what the issuer decides --------------------------------------------------------------------


async def decide(resources: Resources, actor: Actor, signed: Signed[Terminate]) -> Termination:
    """The issuer's head terminates the contracts on the portal (M §18); their rest returns to the plan.

    Raises TerminationNotFound, TerminationNotOpen, DocumentNeeded, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await _for_update(tx, command.termination_id)
        rules.require_open(found)
        document = rules.document_of(found, command.document)
        evidence_id = await evidence.store(tx, signed)
        await queries.DECIDE.run(tx, found.termination_id, document, command.text, now, evidence_id)
        ended = await contracts.terminate(tx, actor, found.contract_ids, found.ground, at=now)
        told = TerminationDecided(
            found.termination_id, found.executor_id, found.ground, tuple(ended)
        )
        await events.append(tx, told, by=actor, at=now)
        return await queries.FIND.get(tx, found.termination_id, None)


async def settle(resources: Resources, actor: Actor, signed: Signed[Settle]) -> TerminationWithActs:
    """Settle acts for services before the effective date, or hold them (D10); the last word counts.

    Raises TerminationNotFound, TerminationNotOpen (withdrawn), ActNotBefore, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await _for_update(tx, command.termination_id)
        if found.status is TerminationStatus.WITHDRAWN:
            rules.require_open(found)
        named = list(dict.fromkeys(command.acts))
        acts = await queries.ACTS.all(tx, found.termination_id, named, len(named))
        rules.require_decidable(command, acts)
        evidence_id = await evidence.store(tx, signed)
        await queries.ADD_ACTS.run(
            tx, found.termination_id, named, now, command.verdict, command.reason, evidence_id
        )
        told = StoppedActsDecided(
            found.termination_id, found.executor_id, command.verdict, tuple(named)
        )
        await events.append(tx, told, by=actor, at=now)
        return await find(tx, found.termination_id, None)


async def withdraw(resources: Resources, actor: Actor, signed: Signed[Withdraw]) -> Termination:
    """The ground fell away before the contracts were terminated: payment goes on.

    Raises TerminationNotFound, TerminationNotOpen, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await _for_update(tx, command.termination_id)
        rules.require_open(found)
        evidence_id = await evidence.store(tx, signed)
        await queries.WITHDRAW.run(
            tx, found.termination_id, command.text, command.document, now, evidence_id
        )
        told = TerminationWithdrawn(found.termination_id, found.executor_id, found.ground)
        await events.append(tx, told, by=actor, at=now)
        return await queries.FIND.get(tx, found.termination_id, None)


async def _for_update(tx: Tx, termination_id: UUID) -> Termination:
    found = await queries.FIND_FOR_UPDATE.one(tx, termination_id)
    if found is None:
        raise TerminationNotFound
    return found


async def return_money(resources: Resources) -> int:
    """What terminated contracts hold beyond what acts wait for goes back to their plan lines.

    How many contracts gave something back. Each in a transaction of its own: the accounts are locked.
    """
    now, given = resources.clock.now(), 0
    kept: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for rest in await queries.ENDED.all(resources.db.payments, _AT_ONCE):
        kept[rest.contract_id][rest.line_id] = rest.kept_tiyn
    for contract_id, keep in kept.items():
        async with resources.db.payments.transaction() as tx:
            cause = f"terminated:{now.isoformat()}"
            given += await budget.release_contract(tx, contract_id, cause, now, keep=keep) > 0
    return given


# --- reading ------------------------------------------------------------------------------------


async def find(
    where: Executor, termination_id: UUID, executor_id: UUID | None
) -> TerminationWithActs:
    """A termination and the unpaid acts it stops; of `executor_id` only, when it is given.

    Raises TerminationNotFound.
    """
    found = await queries.FIND.one(where, termination_id, executor_id)
    if found is None:
        raise TerminationNotFound
    acts = await queries.ACTS.all(where, termination_id, None, _SHOWN_MAX)
    return TerminationWithActs(found, acts)


async def page(
    where: Executor,
    executor_id: UUID | None,
    status: TerminationStatus | None,
    before: UUID | None,
    limit: int,
) -> Sequence[Termination]:
    """Terminations, the newest first; of one executor, or of all."""
    return await queries.PAGE.all(where, executor_id, status, before, limit)


async def history(where: Executor, termination_id: UUID, executor_id: UUID | None) -> list[Change]:
    """What became of a termination, in order. Raises TerminationNotFound."""
    await find(where, termination_id, executor_id)
    return await queries.HISTORY.all(where, termination_id)
