"""Use cases of restrictions."""

from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Tx
from backend.kernel.events import Event
from backend.kernel.resources import Resources
from backend.registry.account.errors import AccountNotOpen
from backend.registry.account.model import AccountStatus
from backend.registry.log import service as log
from backend.registry.log.model import BasisKind, NewOperation, OpClass
from backend.registry.person import service as persons
from backend.registry.person.errors import InsuredNotFound
from backend.registry.policy import service as policies
from backend.registry.restriction import queries, rules
from backend.registry.restriction.errors import WhoseAccount
from backend.registry.restriction.events import AccountBlocked, AccountClosed, AccountUnblocked
from backend.registry.restriction.model import (
    Action,
    BasisDocument,
    Block,
    BlockGround,
    Close,
    CloseGround,
    Owner,
    Restricted,
    Unblock,
)


async def restrict(
    resources: Resources, actor: Actor, command: Block | Unblock | Close
) -> Restricted:
    """Block, unblock or close an account on a document (M §33, §34; D12, D42).

    Raises WhoseAccount, InsuredNotFound, AccountNotOpen, GroundNotApplicable, AccountStatusWrong.
    """
    now = resources.clock.now()
    action, ground = _meant(command)
    async with resources.db.registry.transaction() as tx:
        owner = await _owner(tx, resources, command.iin, command.bin)
        status = rules.status_after(owner, action, ground)
        if owner.person:
            await queries.SET_PERSON.run(tx, owner.subject_id, status)
        else:
            await queries.SET_ORGANISATION.run(tx, owner.subject_id, status, now)
        done = NewOperation(
            subject_id=owner.subject_id,
            op_class=OpClass.ACCOUNT,
            op_type=action,
            at=now,
            actor=actor.label,
            basis_kind=BasisKind.REQUEST,
            basis_id=command.basis.number,
            content=_content(owner, status, ground, command.basis),
        )
        await log.append(tx, [done])
        cancelled = 0
        if owner.person and status is AccountStatus.CLOSED:
            cancelled = await policies.cancel(
                tx,
                owner.subject_id,
                actor=actor.label,
                basis_id=command.basis.number,
                at=now,
            )
        await events.append(tx, _told(owner, action, ground, cancelled), by=actor, at=now)
    return Restricted(owner.subject_id, status)


def _meant(command: Block | Unblock | Close) -> tuple[Action, BlockGround | CloseGround | None]:
    if isinstance(command, Block):
        return Action.BLOCK, command.ground
    if isinstance(command, Close):
        return Action.CLOSE, command.ground
    return Action.UNBLOCK, None


async def _owner(tx: Tx, resources: Resources, iin: str | None, bin_: str | None) -> Owner:
    """Whose account it is, locked: an insured's under the lock that orders of policies take too."""
    if (iin is None) == (bin_ is None):
        raise WhoseAccount(path="iin")
    if bin_ is not None:
        organisation = await queries.ORGANISATION.one(tx, bin_)
        if organisation is None:
            raise AccountNotOpen(path="bin")
        return organisation
    assert iin is not None
    person_id = (await persons.resolve(tx, resources.keyring, [iin])).get(iin)
    if person_id is None:
        raise InsuredNotFound(path="iin")
    await log.lock(tx, [person_id])
    owner = await queries.PERSON.one(tx, person_id)
    if owner is None or owner.status is AccountStatus.NONE:
        raise AccountNotOpen(path="iin")
    return owner


def _content(
    owner: Owner,
    status: AccountStatus,
    ground: BlockGround | CloseGround | None,
    basis: BasisDocument,
) -> dict[str, object]:
    return {
        "before": {"status": owner.status},
        "after": {"status": status},
        "ground": ground,
        "basis": basis,
    }


def _told(
    owner: Owner, action: Action, ground: BlockGround | CloseGround | None, cancelled: int
) -> Event:
    if action is Action.UNBLOCK or ground is None:
        return AccountUnblocked(owner.subject_id)
    if action is Action.BLOCK:
        return AccountBlocked(owner.subject_id, ground.value)
    return AccountClosed(owner.subject_id, ground.value, cancelled)
