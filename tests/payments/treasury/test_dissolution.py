"""A register the head has not signed is taken apart: its acts wait again, nothing is paid, its number stays used."""

import asyncio

import asyncpg
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from backend.payments.act.service import read as acts
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.treasury.order.model import OrderStatus
from backend.payments.treasury.order.service import exchange
from backend.payments.treasury.order.service import read as orders
from backend.payments.treasury.register import delivery
from backend.payments.treasury.register import service as register
from backend.payments.treasury.register.errors import (
    NothingToPay,
    RegisterAlreadySigned,
    RegisterDissolved,
    RegisterNotFound,
)
from backend.payments.treasury.register.model import RegisterStatus, RegisterWithRows
from infra.sandbox import treasury
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox
from tests.payments.conftest import CONTRACT, MINUTE, TARIFF, Owner
from tests.payments.treasury.conftest import (
    dissolve,
    form,
    fund,
    invoiced,
    sign_orders,
    sign_register,
)


async def test_its_acts_wait_again_in_their_place_and_its_number_is_never_used_again(
    world: Resources, finance: KeyPair, owner: Owner, clock: FixedClock
) -> None:
    given = [await invoiced(world, number, [at]) for at, number in enumerate(("7", "8"), 1)]
    await fund(world, 2 * TARIFF)
    formed = await form(world)
    gone = await dissolve(world, formed, "№ 8 акт бойынша дау")
    assert (gone.status, gone.number) == (RegisterStatus.DISSOLVED, 1)
    assert (gone.dissolved_at, gone.dissolution_reason) == (clock.now(), "№ 8 акт бойынша дау")
    assert gone.rows == formed.rows  # what it was stays to be read
    db = world.db.payments
    for one in given:
        assert (await acts.act(db, one.act_id, None)).status is ActStatus.INVOICED
    told = await owner.fetch("SELECT subject FROM kernel.event WHERE kind = 'RegisterDissolved'")
    assert [r["subject"] for r in told] == [formed.register_id]
    assert await orders.orders(db, formed.register_id, None, 10) == []
    assert await ledger.balance(db, accounts.accepted(CONTRACT, "mhi")) == 2 * TARIFF
    assert await ledger.balance(db, accounts.cash("kbsh", "mhi")) == 2 * TARIFF
    # the money it promised is free again, and suffices for both; the order of the acts is the old one
    again = await form(world)
    assert (again.number, [row.act_number for row in again.rows]) == (2, ["7", "8"])
    made = await sign_register(world, again)
    await delivery.deliver(world, again.register_id)
    assert (await sign_orders(world, finance, made)).signed == 2
    for order in made * 2:
        await exchange.advance(world, order.order_id)
    paid = await orders.orders(db, None, None, 10)
    assert [o.status for o in paid] == [OrderStatus.EXECUTED] * 2
    assert (await ledger.proof(db)).ok


async def test_only_what_the_head_has_not_signed_and_only_once(
    world: Resources, owner: Owner, clock: FixedClock, sandbox: Sandbox
) -> None:
    await invoiced(world, "7", [1])
    await fund(world)
    formed = await form(world)
    await dissolve(world, formed)
    clock.advance(MINUTE)
    with pytest.raises(RegisterDissolved):
        await dissolve(world, formed)
    with pytest.raises(RegisterDissolved):
        await sign_register(world, formed)
    assert not await delivery.deliver(world, formed.register_id)
    assert treasury.state(sandbox).registers == {}
    second = await form(world)
    await sign_register(world, second)
    with pytest.raises(RegisterAlreadySigned):
        await dissolve(world, second)
    with pytest.raises(RegisterNotFound):
        await dissolve(world, _unknown(formed))
    for change in (
        "UPDATE payments.acts_register SET status = 'FORMED', dissolved_at = NULL,"
        " dissolution_reason = NULL, dissolution_evidence_id = NULL WHERE number = 1",
        "UPDATE payments.acts_register SET status = 'FORMED' WHERE number = 2",
        "DELETE FROM payments.acts_register WHERE number = 1",
    ):
        with pytest.raises((asyncpg.CheckViolationError, asyncpg.RestrictViolationError)):
            await owner.execute(change)


def _unknown(formed: RegisterWithRows) -> RegisterWithRows:
    return formed.__class__(
        **{f: getattr(formed, f) for f in formed.__struct_fields__} | {"register_id": CONTRACT}
    )


async def test_signed_and_dissolved_at_once_is_one_of_both(
    world: Resources, clock: FixedClock
) -> None:
    for number in range(6):
        await invoiced(world, str(number), [number + 1])
    await fund(world)
    ended = set()
    for _ in range(6):
        clock.advance(MINUTE)
        try:
            formed = await form(world)
        except NothingToPay:
            break
        outcomes = await asyncio.gather(
            sign_register(world, formed), dissolve(world, formed), return_exceptions=True
        )
        [lost] = [o for o in outcomes if isinstance(o, Exception)]
        assert isinstance(lost, RegisterDissolved | RegisterAlreadySigned)
        found = await register.find(world.db.payments, formed.register_id)
        written = await orders.orders(world.db.payments, formed.register_id, None, 100)
        ended.add(found.status)
        if found.status is RegisterStatus.DISSOLVED:
            assert written == []
        else:
            assert (found.status, len(written)) == (RegisterStatus.SIGNED, 6)
    assert ended
    assert (await ledger.proof(world.db.payments)).ok
