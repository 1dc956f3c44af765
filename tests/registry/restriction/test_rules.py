"""Grounds of M §33 and §34 against every kind of owner, fact and state. Pure."""

from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import end_of_legal_day
from backend.kernel.errors import Refusal
from backend.registry.account.model import AccountStatus, BasisDocument
from backend.registry.restriction import rules
from backend.registry.restriction.errors import GroundNeeded, GroundNotApplicable
from backend.registry.restriction.model import (
    Action,
    Block,
    BlockGround,
    Close,
    CloseGround,
    Fact,
    Restriction,
    Unblock,
)
from backend.registry.restriction.model import Owner as AccountOwner

BASIS = {"number": "12-34/567", "issued_on": "2026-04-03", "issued_by": "ҚР ІІМ"}
OPEN, BLOCKED, CLOSED = AccountStatus.OPEN, AccountStatus.BLOCKED, AccountStatus.CLOSED
PERSONAL = set(Fact) - {Fact.LIQUIDATION}
# ground -> (of natural persons, of legal entities), and the facts it may name
GROUNDS: dict[BlockGround | CloseGround, tuple[tuple[bool, ...], set[Fact | None]]] = {
    BlockGround.B1: ((True,), set(PERSONAL)),
    BlockGround.B2: ((False,), {None, Fact.LIQUIDATION}),
    BlockGround.B3: ((True, False), {None}),
    CloseGround.C1: ((True,), set(PERSONAL)),
    CloseGround.C2: ((False,), {None, Fact.LIQUIDATION}),
}
FROM = {Action.BLOCK: {OPEN, BLOCKED}, Action.UNBLOCK: {BLOCKED}, Action.CLOSE: {OPEN, BLOCKED}}
NOON = datetime(2026, 4, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize("ground", list(GROUNDS))
def test_each_ground_serves_its_own_owners_with_its_own_facts(
    ground: BlockGround | CloseGround,
) -> None:
    owners, facts = GROUNDS[ground]
    for natural, fact in product((True, False), (None, *Fact)):
        owner = AccountOwner(uuid4(), OPEN, person=natural, natural=natural)
        if natural in owners and fact in facts:
            meant = rules.require_grounded(owner, ground, fact)
            assert meant == (Fact.LIQUIDATION if ground in ("B2", "C2") else fact)
        else:
            with pytest.raises(Refusal):
                rules.require_grounded(owner, ground, fact)


def test_each_state_allows_what_the_law_draws() -> None:
    for action, status in product(Action, AccountStatus):
        owner = AccountOwner(uuid4(), status, person=True, natural=True)
        if status in FROM[action]:
            rules.require_status(owner, action)
        else:
            with pytest.raises(Refusal):
                rules.require_status(owner, action)


def test_article_98_is_regarded_on_b3_and_nowhere_else() -> None:
    for ground, said in product(BlockGround, (None, "ескерілді")):
        if (ground is BlockGround.B3) == (said is not None):
            rules.require_article_98(ground, said)
        else:
            with pytest.raises(Refusal):
                rules.require_article_98(ground, said)


def restriction(ground: BlockGround, fact: Fact | None = None) -> Restriction:
    basis = msgspec.convert(BASIS, BasisDocument)
    return Restriction(uuid4(), uuid4(), ground, fact, uuid4().hex, basis, None, NOON, None)


def test_an_act_lifts_the_ground_it_names() -> None:
    death = restriction(BlockGround.B1, Fact.DEATH)
    first, second = restriction(BlockGround.B3), restriction(BlockGround.B3)
    assert rules.lifted([first, second], None) == [first, second]
    assert rules.lifted([first, death], BlockGround.B3) == [first]
    with pytest.raises(GroundNeeded):
        rules.lifted([first, death], None)
    with pytest.raises(GroundNotApplicable):
        rules.lifted([first], BlockGround.B1)


@pytest.mark.parametrize("fact", [None, *Fact])
def test_only_a_death_closes_by_itself_thirty_days_later(fact: Fact | None) -> None:
    due = rules.close_due(LegalCalendar(), fact, NOON)
    if fact in (Fact.DEATH, Fact.DECLARED_DEAD):
        assert due == end_of_legal_day(date(2026, 5, 6))
        # 30 days after 9 April are 9 May, a holiday and a Saturday: the next working day
        holiday = rules.close_due(LegalCalendar(), fact, datetime(2026, 4, 9, 7, tzinfo=UTC))
        assert holiday is not None
        assert holiday > end_of_legal_day(date(2026, 5, 10))
    else:
        assert due is None


def test_no_other_ground_and_nothing_without_a_document() -> None:
    iin = {"iin": "900101300017"}
    wrong: list[tuple[type, str]] = [(Block, "B4"), (Block, "C1"), (Close, "C3"), (Close, "B1")]
    for command, ground in wrong:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**iin, "ground": ground, "basis": BASIS}, command)
    for missing in BASIS:
        basis: dict[str, Any] = {field: v for field, v in BASIS.items() if field != missing}
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**iin, "basis": basis}, Unblock)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(iin, Unblock)
