"""Take an act back (domain 3.6): its services may be presented again, its money returns to the contract.

Nothing is deleted but the claims: the act, its cases and the operations on the insured's accounts stay,
and each of these is answered by another operation (D2).
"""

from datetime import datetime
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Executor, Tx
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from backend.payments.act.service import coverage
from backend.payments.act.service.submit import release
from backend.payments.budget import service as budget
from backend.payments.cancellation import queries, rules
from backend.payments.cancellation.errors import CancellationNotFound
from backend.payments.cancellation.events import ActCancellationProposed, ActCancelled
from backend.payments.cancellation.model import (
    AgreeToCancel,
    CancelAct,
    Cancellation,
    CancelledAct,
)
from backend.registry.account import service as account
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def cancel(resources: Resources, actor: Actor, signed: Signed[CancelAct]) -> Cancellation:
    """The executor takes an act back: at once, or once the issuer, who has signed it, agrees.

    Raises AccountNotOpen, AccountBlocked, ActNotFound, ContentMismatch, ActStateWrong (`status`: also
    of an act in a register), InvoiceStands, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        executor = await account.require_open_executor(tx, actor.bin or "")
        act = await _locked(tx, command, executor.organisation_id)
        evidence_id = await evidence.store(tx, signed)
        new = await queries.PROPOSE.run(tx, act.act_id, command.reason, now, evidence_id)
        if act.status is ActStatus.CHECK_PASSED:
            await _carry_out(tx, actor, act, None, now)
        elif new:
            proposed = ActCancellationProposed(act.act_id, act.contract_id, act.executor_id)
            await events.append(tx, proposed, by=actor, at=now)
        return await queries.FIND.get(tx, act.act_id, None)


async def agree(resources: Resources, actor: Actor, signed: Signed[AgreeToCancel]) -> Cancellation:
    """The issuer agrees that an act it has signed is taken back.

    Raises CancellationNotFound (the executor has not proposed it), ActNotFound, ContentMismatch,
    ActStateWrong, InvoiceStands, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        act = await _locked(tx, command, None)
        if await queries.FIND.one(tx, act.act_id, None) is None:
            raise CancellationNotFound
        await _carry_out(tx, actor, act, await evidence.store(tx, signed), now)
        return await queries.FIND.get(tx, act.act_id, None)


async def find(where: Executor, act_id: UUID, executor_id: UUID | None) -> Cancellation:
    """The cancelling act; of `executor_id` only, when it is given. Raises CancellationNotFound."""
    found = await queries.FIND.one(where, act_id, executor_id)
    if found is None:
        raise CancellationNotFound
    return found


async def _locked(
    tx: Tx, command: CancelAct | AgreeToCancel, executor_id: UUID | None
) -> CancelledAct:
    await queries.LOCK_ACT.one(tx, command.act_id)
    return rules.require_cancellable(
        await queries.OWN_ACT.one(tx, command.act_id, executor_id), command
    )


async def _carry_out(
    tx: Tx, actor: Actor, act: CancelledAct, issuer_evidence_id: UUID | None, now: datetime
) -> None:
    accepted = act.status is ActStatus.SIGNED_BY_ISSUER
    await queries.CANCEL.run(tx, act.act_id)
    await queries.CARRY_OUT.run(tx, act.act_id, now, issuer_evidence_id)
    await release(tx, act.act_id)
    if accepted:
        await budget.release_act(tx, act.act_id, now)
        await coverage.log(tx, actor, act.act_id, coverage.RETURNED, now)
    cancelled = ActCancelled(
        act.act_id, act.contract_id, act.executor_id, act.cases, act.total_tiyn, accepted
    )
    await events.append(tx, cancelled, by=actor, at=now)
