"""The registrar blocks, unblocks and closes an account by hand, on a document (M §33, §34)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Tx
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.access_record.model import Access, Basis, Field
from backend.registry.account.errors import AccountNotOpen
from backend.registry.account.model import AccountStatus
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation
from backend.registry.person import service as persons
from backend.registry.person.errors import InsuredNotFound
from backend.registry.restriction import queries, rules
from backend.registry.restriction.errors import (
    AccountStatusWrong,
    AccountUnsettled,
    WhoseAccount,
)
from backend.registry.restriction.events import AccountBlocked, AccountClosed, AccountUnblocked
from backend.registry.restriction.model import (
    Action,
    Block,
    Close,
    Correct,
    NewRestriction,
    Owner,
    Restricted,
    Settlement,
    Standing,
    Unblock,
    Whose,
)
from backend.registry.restriction.service import account


async def block(resources: Resources, actor: Actor, command: Block) -> Restricted:
    """Block on a ground B1-B3 (M §33, D42), or put one more ground on a blocked account.

    Raises WhoseAccount, InsuredNotFound, AccountNotOpen, GroundNotApplicable, FactWrong,
    Article98Missing, AccountStatusWrong (closed, or this ground stands already).
    """
    now = resources.clock.now()
    await look(resources, actor, "BlockAccount", command, command.basis.number)
    async with resources.db.registry.transaction() as tx:
        owner = await find(tx, resources, command.iin, command.bin)
        fact = rules.require_grounded(owner, command.ground, command.fact)
        rules.require_article_98(command.ground, command.article_98)
        rules.require_status(owner, Action.BLOCK)
        ground = NewRestriction(
            subject_id=owner.subject_id,
            ground=command.ground,
            fact=fact,
            basis_kind=BasisKind.REQUEST,
            basis_id=command.basis.number,
            basis=command.basis,
            article_98=command.article_98,
        )
        holders = {owner.subject_id: owner}
        if not await account.put(
            tx, resources.calendar, holders, [ground], actor=actor.label, at=now
        ):
            raise AccountStatusWrong(status=owner.status.value)
        told = AccountBlocked(owner.subject_id, command.ground.value)
        await events.append(tx, told, by=actor, at=now)
    return Restricted(owner.subject_id, AccountStatus.BLOCKED)


async def unblock(resources: Resources, actor: Actor, command: Unblock) -> Restricted:
    """Lift a ground on an act of an entitled state body, and with the last one the blocking (M §33).

    Raises WhoseAccount, InsuredNotFound, AccountNotOpen, AccountStatusWrong, GroundNeeded,
    GroundNotApplicable.
    """
    now = resources.clock.now()
    await look(resources, actor, "UnblockAccount", command, command.basis.number)
    async with resources.db.registry.transaction() as tx:
        owner = await find(tx, resources, command.iin, command.bin)
        rules.require_status(owner, Action.UNBLOCK)
        there = (await account.standing(tx, [owner.subject_id]))[owner.subject_id]
        gone = [r.restriction_id for r in rules.lifted(there, command.ground)]
        after = AccountStatus.OPEN if len(gone) == len(there) else AccountStatus.BLOCKED
        await queries.LIFT.run(tx, owner.subject_id, gone, now)
        await account.set_status(tx, [owner], after, at=now)
        content = {
            "before": {"status": owner.status},
            "after": {"status": after},
            "ground": command.ground,
            "basis": command.basis,
            "restrictions": gone,
        }
        await log.append(
            tx,
            [_by_hand(owner.subject_id, Action.UNBLOCK, actor, command.basis.number, content, now)],
        )
        await events.append(tx, AccountUnblocked(owner.subject_id), by=actor, at=now)
    return Restricted(owner.subject_id, after)


async def close(
    resources: Resources, settlement: Settlement, actor: Actor, command: Close
) -> Restricted:
    """Close on a ground C1, C2, by the registrar's confirmation (M §34, D12); policies are cancelled.

    Raises WhoseAccount, InsuredNotFound, AccountNotOpen, GroundNotApplicable, FactWrong,
    AccountStatusWrong, AccountUnsettled.
    """
    now = resources.clock.now()
    await look(resources, actor, "CloseAccount", command, command.basis.number)
    async with resources.db.registry.transaction() as tx:
        owner = await find(tx, resources, command.iin, command.bin)
    if await settlement.unsettled([owner.subject_id]):
        raise AccountUnsettled
    async with resources.db.registry.transaction() as tx:
        owner = await find(tx, resources, command.iin, command.bin)
        fact = rules.require_grounded(owner, command.ground, command.fact)
        rules.require_status(owner, Action.CLOSE)
        content = {"ground": command.ground, "fact": fact, "basis": command.basis}
        cancelled = await account.close(
            tx,
            [owner],
            {owner.subject_id: content},
            {owner.subject_id: (BasisKind.REQUEST, command.basis.number)},
            actor=actor.label,
            at=now,
        )
        told = AccountClosed(owner.subject_id, command.ground.value, cancelled)
        await events.append(tx, told, by=actor, at=now)
    return Restricted(owner.subject_id, AccountStatus.CLOSED)


async def show(resources: Resources, actor: Actor, whose: Whose) -> Standing:
    """An account's status and the grounds that stand, for the registrar.

    Raises WhoseAccount, InsuredNotFound, AccountNotOpen.
    """
    await look(resources, actor, "ShowAccountStanding", whose, None)
    async with resources.db.registry.transaction() as tx:
        owner = await find(tx, resources, whose.iin, whose.bin)
        there = (await account.standing(tx, [owner.subject_id]))[owner.subject_id]
    return Standing(owner.subject_id, owner.status, tuple(there))


async def find(tx: Tx, resources: Resources, iin: str | None, bin_: str | None) -> Owner:
    """Whose account it is, locked. Raises WhoseAccount, InsuredNotFound, AccountNotOpen.

    That a person is unknown and that he has no account are one answer and one work (FAULTS 14).
    """
    if (iin is None) == (bin_ is None):
        raise WhoseAccount(path="iin")
    if bin_ is not None:
        organisation_id = await queries.ORGANISATION_ID.one(tx, bin_)
        if organisation_id is None:
            raise AccountNotOpen(path="bin")
        return (await account.owners(tx, [], [organisation_id]))[organisation_id]
    assert iin is not None
    person_id = await persons.named(tx, resources.keyring, iin)
    owner = (await account.owners(tx, [person_id], [])).get(person_id)
    if owner is None or owner.status is AccountStatus.NONE:
        raise InsuredNotFound(path="iin")
    return owner


async def look(
    resources: Resources,
    actor: Actor,
    operation: str,
    whose: Whose | Block | Unblock | Close | Correct,
    document: str | None,
) -> None:
    """Count and note that a person's account is looked at on that document, whatever comes of it.

    A transaction of its own: a command that is refused has told its reason all the same. Nobody looks
    at a person where an organisation is meant. Raises InsuredNotFound.
    """
    if whose.iin is None or whose.bin is not None:
        return
    await access_records.count_look(resources, actor)
    async with resources.db.registry.transaction() as tx:
        owner = await find(tx, resources, whose.iin, None)
        access = Access(actor, operation, Basis.RESTRICTION, (Field.ACCOUNT,), document)
        await access_records.record(tx, access, [owner.subject_id], at=resources.clock.now())


def _by_hand(
    subject_id: UUID,
    op_type: str,
    actor: Actor,
    basis_id: str,
    content: dict[str, Any],
    at: datetime,
) -> NewOperation:
    return account.operation(
        subject_id, op_type, actor.label, BasisKind.REQUEST, basis_id, content, at
    )
