"""Corrections: an operation that should never have been is reversed by a new one that names it (D2)."""

from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Tx
from backend.kernel.resources import Resources
from backend.registry.account import service as accounts
from backend.registry.account.model import AccountStatus
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, OpClass, Operation
from backend.registry.restriction import queries
from backend.registry.restriction.errors import NotReversible
from backend.registry.restriction.events import OperationReversed
from backend.registry.restriction.model import Action, Change, Correct, Owner, Restricted
from backend.registry.restriction.service import account
from backend.registry.restriction.service.restrict import find, look

# The kind of M §28 under which the reversing operation stands. The law has no reopening: a closing
# made in error is undone by an opening that names it.
_REVERSING: Final = {Action.BLOCK: "UNBLOCK", Action.UNBLOCK: "BLOCK", Action.CLOSE: "OPEN"}


async def correct(resources: Resources, actor: Actor, command: Correct) -> Restricted:
    """Reverse a blocking, unblocking, closing or change of data made in error, on a document.

    What stood before stands again: of a blocking its ground falls, of an unblocking its grounds come
    back, of a closing the account is as it was, of a change an organisation's data are. Policies
    cancelled with a closing stay cancelled: a new order issues the insured a new one.
    Raises WhoseAccount, InsuredNotFound, AccountNotOpen, NotReversible.
    """
    now = resources.clock.now()
    await look(resources, actor, "CorrectAccount", command, command.basis.number)
    async with resources.db.registry.transaction() as tx:
        owner = await find(tx, resources, command.iin, command.bin)
        wrong = await _operation(tx, owner, command.seq)
        if wrong.op_type in set(Action):
            after = await _status_as_before(tx, actor, owner, wrong, command, now)
        elif not owner.person and await accounts.restore(
            tx, resources, actor, wrong, command.basis
        ):
            after = owner.status
        else:
            raise NotReversible(path="seq")
        if not await queries.REVERSED.run(tx, owner.subject_id, command.seq):
            raise NotReversible(path="seq")
        told = OperationReversed(owner.subject_id, command.seq)
        await events.append(tx, told, by=actor, at=now)
    return Restricted(owner.subject_id, after)


async def _operation(tx: Tx, owner: Owner, seq: int) -> Operation:
    """The operation of that place. Raises NotReversible when there is none on accounts."""
    found = await log.of_subject(tx, owner.subject_id, after=seq - 1, limit=1)
    if not found or found[0].seq != seq:
        raise NotReversible(path="seq")
    if found[0].op_class not in (OpClass.ACCOUNT, OpClass.GLOBAL):
        raise NotReversible(path="seq")
    return found[0]


async def _status_as_before(
    tx: Tx, actor: Actor, owner: Owner, wrong: Operation, command: Correct, now: datetime
) -> AccountStatus:
    """Reverse an operation on the status; the status now. Raises NotReversible."""
    action = Action(wrong.op_type)
    change = msgspec.json.decode(wrong.content, type=Change)
    try:
        after = await _undo(tx, owner, action, change, now)
    except asyncpg.UniqueViolationError:  # the ground was put on the account anew meanwhile
        raise NotReversible(path="seq") from None
    await account.set_status(tx, [owner], after, at=now)
    content = {
        "before": {"status": owner.status},
        "after": {"status": after},
        "basis": command.basis,
        "restrictions": change.restrictions,
        "reverses": command.seq,
    }
    reversing = account.operation(
        owner.subject_id,
        _REVERSING[action],
        actor.label,
        BasisKind.REQUEST,
        command.basis.number,
        content,
        now,
    )
    await log.append(tx, [reversing])
    return after


async def _undo(
    tx: Tx, owner: Owner, action: Action, change: Change, at: datetime
) -> AccountStatus:
    """Let the grounds be as before the operation; the status that follows. Raises NotReversible."""
    subject_id, grounds = owner.subject_id, list(change.restrictions)
    if action is Action.CLOSE:
        if owner.status is not AccountStatus.CLOSED:
            raise NotReversible(path="seq")
        await queries.STAND_AGAIN.all(tx, subject_id, grounds)
        return change.before.status
    if owner.status is AccountStatus.CLOSED:
        raise NotReversible(path="seq")
    if action is Action.BLOCK:
        if not set(grounds) <= await _standing(tx, subject_id):
            raise NotReversible(path="seq")
        await queries.LIFT.run(tx, subject_id, grounds, at)
    elif len(await queries.STAND_AGAIN.all(tx, subject_id, grounds)) < len(grounds):
        raise NotReversible(path="seq")
    left = await _standing(tx, subject_id)
    return AccountStatus.BLOCKED if left else AccountStatus.OPEN


async def _standing(tx: Tx, subject_id: UUID) -> set[UUID]:
    there = await account.standing(tx, [subject_id])
    return {r.restriction_id for r in there[subject_id]}
