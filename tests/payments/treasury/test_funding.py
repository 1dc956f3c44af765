"""Which account money of which payer reaches (M §4(4))."""

from datetime import date, datetime
from uuid import UUID

import pytest

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.treasury.funding import service as funding
from backend.payments.treasury.funding.model import (
    AskForMoney,
    MoveMoney,
    RecordTransfer,
    TermState,
)
from tests.payments.conftest import FINANCE, ISSUER_BIN, signed
from tests.payments.treasury.conftest import MOH, MOH_BIN

LEB_BIN = "010140000009"
LEB = Actor(UUID(int=8), frozenset({Role.LEB}), bin=LEB_BIN)


@pytest.mark.parametrize(
    ("payer", "bin_", "source", "nbk", "kbsh"),
    [
        (MOH, MOH_BIN, "moh_gvfmc", 0, 70),  # straight to the cash control account
        (MOH, MOH_BIN, "moh_mhi", 70, 0),
        (LEB, LEB_BIN, "leb_mhi", 70, 0),
    ],
)
async def test_each_payer_s_money_reaches_its_account(
    world: Resources, payer: Actor, bin_: str, source: str, nbk: int, kbsh: int
) -> None:
    db = world.db.payments
    asked = await funding.ask(db, world.clock, AskForMoney("1", source, bin_, 70))  # type: ignore[arg-type]
    command = RecordTransfer("r", source, asked.invoice_id, 70)  # type: ignore[arg-type]
    came = await funding.record(world, payer, command)
    assert came.destination == ("nbk" if nbk else "kbsh")
    found = await funding.money(db)
    assert sum(m.nbk_tiyn for m in found) == nbk
    assert sum(m.kbsh_tiyn for m in found) == kbsh
    assert (await ledger.proof(db)).ok


async def test_insurance_money_moves_from_the_national_bank_to_the_cash_control_account(
    world: Resources,
) -> None:
    db = world.db.payments
    asked = await funding.ask(db, world.clock, AskForMoney("1", "leb_mhi", LEB_BIN, 70))
    await funding.record(world, LEB, RecordTransfer("r", "leb_mhi", asked.invoice_id, 70))
    moved = signed(MoveMoney("m", 30), ISSUER_BIN, world.clock.now())
    await funding.move(world, FINANCE, moved)
    assert await ledger.balance(db, accounts.cash("nbk", "mhi")) == 40
    assert await ledger.balance(db, accounts.cash("kbsh", "mhi")) == 30


async def test_the_thirty_days_of_money_are_shown(world: Resources, clock: FixedClock) -> None:
    """Vector of domain 3.20: received Mon 2026-06-01, registers and orders by Wed 2026-07-01."""
    db = world.db.payments
    clock.set(datetime.fromisoformat("2026-06-01T05:00:00+00:00"))
    asked = await funding.ask(db, clock, AskForMoney("1", "moh_mhi", MOH_BIN, 70))
    came = await funding.record(world, MOH, RecordTransfer("r", "moh_mhi", asked.invoice_id, 70))
    for at, state, left in (
        ("2026-06-01T05:00:00+00:00", TermState.RUNNING, 30),
        ("2026-07-01T18:59:59+00:00", TermState.RUNNING, 0),
        ("2026-07-01T19:00:01+00:00", TermState.BREACHED, -1),
    ):
        clock.set(datetime.fromisoformat(at))
        [term] = await funding.terms(db, clock, None, 10)
        assert (term.transfer_id, term.due_on) == (came.transfer_id, date(2026, 7, 1))
        assert (term.state, term.days_left) == (state, left)
