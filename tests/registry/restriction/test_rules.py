"""Grounds of M §33 and §34 against every kind of owner and every state. Pure."""

from itertools import product
from uuid import uuid4

import msgspec
import pytest

from backend.kernel.errors import Refusal
from backend.registry.account.model import AccountStatus
from backend.registry.restriction import rules
from backend.registry.restriction.model import (
    Action,
    Block,
    BlockGround,
    Close,
    CloseGround,
    Unblock,
)
from backend.registry.restriction.model import Owner as AccountOwner

BASIS = {"number": "12-34/567", "issued_on": "2026-04-03", "issued_by": "ҚР ІІМ"}
OPEN, BLOCKED, CLOSED = AccountStatus.OPEN, AccountStatus.BLOCKED, AccountStatus.CLOSED
LAWFUL = {
    # B1 and C1 are about people, B2 and C2 about legal entities, B3 about everybody
    *((Action.BLOCK, BlockGround.B1, True, s) for s in (OPEN,)),
    *((Action.BLOCK, BlockGround.B2, False, s) for s in (OPEN,)),
    *((Action.BLOCK, BlockGround.B3, natural, OPEN) for natural in (True, False)),
    *((Action.CLOSE, CloseGround.C1, True, s) for s in (OPEN, BLOCKED)),
    *((Action.CLOSE, CloseGround.C2, False, s) for s in (OPEN, BLOCKED)),
    *((Action.UNBLOCK, None, natural, BLOCKED) for natural in (True, False)),
}
RESULT = {Action.BLOCK: BLOCKED, Action.UNBLOCK: OPEN, Action.CLOSE: CLOSED}


@pytest.mark.parametrize(
    ("action", "ground"),
    [
        *((Action.BLOCK, ground) for ground in BlockGround),
        *((Action.CLOSE, ground) for ground in CloseGround),
        (Action.UNBLOCK, None),
    ],
)
def test_each_ground_serves_its_own_owners_and_states(
    action: Action, ground: BlockGround | CloseGround | None
) -> None:
    for natural, status in product((True, False), AccountStatus):
        owner = AccountOwner(uuid4(), status, person=natural, natural=natural)
        if (action, ground, natural, status) in LAWFUL:
            assert rules.status_after(owner, action, ground) is RESULT[action]
        else:
            with pytest.raises(Refusal):
                rules.status_after(owner, action, ground)


def test_no_other_ground_and_nothing_without_a_document() -> None:
    iin = {"iin": "900101300017"}
    for command, ground in ((Block, "B4"), (Block, "C1"), (Close, "C3"), (Close, "B1")):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**iin, "ground": ground, "basis": BASIS}, command)
    for missing in BASIS:
        basis = {field: value for field, value in BASIS.items() if field != missing}
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**iin, "basis": basis}, Unblock)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(iin, Unblock)
