"""What may be done to which account, and why. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import end_of_legal_day, legal_date
from backend.kernel.terms import Term, add_term
from backend.registry.account.model import AccountStatus
from backend.registry.restriction.errors import (
    AccountStatusWrong,
    Article98Missing,
    FactWrong,
    GroundNeeded,
    GroundNotApplicable,
)
from backend.registry.restriction.model import (
    Action,
    BlockGround,
    CloseGround,
    Fact,
    Owner,
    Restriction,
)

# domain 3.12: OPEN <-> BLOCKED -> CLOSED, OPEN -> CLOSED. One more ground may come upon BLOCKED.
_FROM: Final = {
    Action.BLOCK: {AccountStatus.OPEN, AccountStatus.BLOCKED},
    Action.UNBLOCK: {AccountStatus.BLOCKED},
    Action.CLOSE: {AccountStatus.OPEN, AccountStatus.BLOCKED},
}
_NATURAL: Final = {BlockGround.B1, BlockGround.B3, CloseGround.C1}
_LEGAL: Final = {BlockGround.B2, BlockGround.B3, CloseGround.C2}
_DEATHS: Final = {Fact.DEATH, Fact.DECLARED_DEAD}
# D12: on a confirmed death the account closes by itself so long after it was blocked.
CLOSE_AFTER: Final = Term.parse("30cd")


def require_grounded(
    owner: Owner, ground: BlockGround | CloseGround, fact: Fact | None
) -> Fact | None:
    """The ground is one for this owner, with its fact: the fact it means.

    B1 and C1 are for persons and sole proprietors and name a fact of M §33(1); B2 and C2 are the
    liquidation of a legal entity; B3 is for all and knows no fact (D42).
    Raises GroundNotApplicable, FactWrong.
    """
    if ground not in (_NATURAL if owner.natural else _LEGAL):
        raise GroundNotApplicable(path="ground")
    if ground in (BlockGround.B2, CloseGround.C2):
        if fact not in (None, Fact.LIQUIDATION):
            raise FactWrong(path="fact")
        return Fact.LIQUIDATION
    if (fact is None) != (ground is BlockGround.B3) or fact is Fact.LIQUIDATION:
        raise FactWrong(path="fact")
    return fact


def require_article_98(ground: BlockGround, article_98: str | None) -> None:
    """An act that restricts regards article 98, and nothing else does. Raises Article98Missing."""
    if (ground is BlockGround.B3) != (article_98 is not None):
        raise Article98Missing(path="article_98")


def require_status(owner: Owner, action: Action) -> None:
    """The account's status allows it. Raises AccountStatusWrong."""
    if owner.status not in _FROM[action]:
        raise AccountStatusWrong(status=owner.status.value)


def lifted(standing: Sequence[Restriction], ground: BlockGround | None) -> list[Restriction]:
    """What an act takes away: every ground of the kind named, or the only one there is.

    Raises GroundNeeded when none is named and several stand, GroundNotApplicable when none is so.
    """
    if ground is None and len({r.ground for r in standing}) > 1:
        raise GroundNeeded(path="ground")
    found = [r for r in standing if ground in (None, r.ground)]
    if standing and not found:
        raise GroundNotApplicable(path="ground")
    return found


def key(ground: BlockGround, fact: Fact | None, basis_id: str) -> tuple[str, str]:
    """What blocks only once: a fact, or one act of a state body."""
    return ground.value, fact.value if fact is not None else basis_id


def close_due(calendar: LegalCalendar, fact: Fact | None, blocked_at: datetime) -> datetime | None:
    """The last instant of the thirtieth day after blocking on a death; None: only by confirmation.

    For incapacity, limited capacity, absence and liquidation the registrar confirms (D12).
    """
    if fact not in _DEATHS:
        return None
    return end_of_legal_day(add_term(calendar, legal_date(blocked_at), CLOSE_AFTER))


def told_at(fact: Fact | None, blocked_at: datetime) -> datetime | None:
    """When the holder is told; the dead and the missing are not."""
    silent = {*_DEATHS, Fact.MISSING}
    return None if fact in silent else blocked_at
