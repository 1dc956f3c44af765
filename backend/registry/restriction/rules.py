"""What may be done to which account, and why. Pure."""

from typing import Final

from backend.registry.account.model import AccountStatus
from backend.registry.restriction.errors import AccountStatusWrong, GroundNotApplicable
from backend.registry.restriction.model import Action, BlockGround, CloseGround, Owner

# domain 3.12: OPEN <-> BLOCKED -> CLOSED, OPEN -> CLOSED
_FROM: Final = {
    Action.BLOCK: {AccountStatus.OPEN},
    Action.UNBLOCK: {AccountStatus.BLOCKED},
    Action.CLOSE: {AccountStatus.OPEN, AccountStatus.BLOCKED},
}
_TO: Final = {
    Action.BLOCK: AccountStatus.BLOCKED,
    Action.UNBLOCK: AccountStatus.OPEN,
    Action.CLOSE: AccountStatus.CLOSED,
}
_NATURAL: Final = {BlockGround.B1, BlockGround.B3, CloseGround.C1}
_LEGAL: Final = {BlockGround.B2, BlockGround.B3, CloseGround.C2}


def status_after(
    owner: Owner, action: Action, ground: BlockGround | CloseGround | None
) -> AccountStatus:
    """The status `action` leads to. Raises GroundNotApplicable, AccountStatusWrong."""
    if ground is not None and ground not in (_NATURAL if owner.natural else _LEGAL):
        raise GroundNotApplicable(path="ground")
    if owner.status not in _FROM[action]:
        raise AccountStatusWrong(status=owner.status.value)
    return _TO[action]
