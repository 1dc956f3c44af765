"""The register of Appendix 1, the five controls, and the money that must be there first."""

import hashlib
from datetime import date, timedelta

import msgspec
import pytest

from backend.kernel import deadlines
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus
from backend.payments.act.service import read as acts
from backend.payments.invoice import service as invoice
from backend.payments.invoice.errors import (
    DuplicateInvoice,
    InvoicePeriodMismatch,
    InvoiceTooEarly,
    NoBasis,
    SumMismatch,
)
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.suspension import service as suspension
from backend.payments.suspension.model import Suspend
from backend.payments.treasury.funding import service as funding
from backend.payments.treasury.funding.errors import (
    DuplicateFunding,
    LebFundsMhiOnly,
    NotEnoughMoney,
    NotYourMoney,
    Overpaid,
)
from backend.payments.treasury.funding.model import AskForMoney, MoveMoney, RecordTransfer
from backend.payments.treasury.order.errors import OrderStateWrong
from backend.payments.treasury.order.model import DecisionKind, OrderStatus
from backend.payments.treasury.order.service import exchange
from backend.payments.treasury.order.service import read as orders
from backend.payments.treasury.register import delivery
from backend.payments.treasury.register import service as register
from backend.payments.treasury.register.errors import (
    NothingToPay,
    RegisterAlreadySigned,
    RegisterMismatch,
)
from backend.payments.treasury.register.model import RegisterRow, SignRegister
from backend.sources.exchange import SourceUnavailable
from infra.sandbox import tax
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox
from tests.payments.conftest import (
    CLINIC,
    CLINIC_BIN,
    CLINIC_IBAN,
    FINANCE,
    ISSUER_BIN,
    ISSUER_HEAD,
    KBSH_IBAN,
    LINE,
    TARIFF,
    Owner,
    accept,
    act,
    cases,
    present,
    signed,
)
from tests.payments.treasury.conftest import (
    MOH,
    MOH_BIN,
    bill,
    decide,
    form,
    fund,
    invoiced,
    sign_orders,
    sign_register,
)


async def test_the_register_has_the_thirteen_columns(world: Resources) -> None:
    await invoiced(world, "7", [1, 2])
    await fund(world)
    formed = await form(world)
    assert len(msgspec.structs.fields(RegisterRow)) == 13
    assert formed.rows == [
        RegisterRow(
            no=1,
            sender="«ISSUER»",
            recipient="«EXECUTOR»",
            recipient_bin=CLINIC_BIN,
            basis="2026-MHI-000001, 2026-03-10",
            service_name="Көмек cdc",
            sender_account=KBSH_IBAN,
            recipient_account=CLINIC_IBAN,
            act_number="7",
            act_date=date(2026, 4, 6),
            service_period="2026-03-12 - 2026-04-03",
            recipient_bic="CASPKZKA",
            sum_tiyn=2 * TARIFF,
        )
    ]
    again = await register.find(world.db.payments, formed.register_id)
    assert again == formed


async def test_acts_are_paid_in_order_as_far_as_the_money_goes(world: Resources) -> None:
    for number, people in (("1", [1, 2]), ("2", [3, 4, 5]), ("3", [6])):
        await invoiced(world, number, people)
    with pytest.raises(NotEnoughMoney):
        await form(world)
    await fund(world, 4 * TARIFF)
    # 2 + 3 is too much, and the third does not overtake the second
    formed = await form(world)
    assert [row.act_number for row in formed.rows] == ["1"]
    with pytest.raises(NotEnoughMoney):
        await form(world)  # what the first register promised is not promised again
    await fund(world, 2 * TARIFF, "2")
    assert [row.act_number for row in (await form(world)).rows] == ["2", "3"]
    with pytest.raises(NothingToPay):
        await form(world)


async def test_the_head_signs_exactly_this_register_once(world: Resources) -> None:
    await invoiced(world, "7", [1])
    await fund(world)
    formed = await form(world)
    now = world.clock.now()
    wrong = SignRegister(formed.register_id, hashlib.sha256(b"").hexdigest())
    with pytest.raises(RegisterMismatch):
        await register.sign(world, ISSUER_HEAD, signed(wrong, ISSUER_BIN, now))
    [order] = await sign_register(world, formed)
    assert [c.check for c in order.checks] == ["requisites", "sum", "period", "basis", "duplicate"]
    assert all(c.ok for c in order.checks)
    right = SignRegister(formed.register_id, formed.content_sha256)
    with pytest.raises(RegisterAlreadySigned):
        await register.sign(world, ISSUER_HEAD, signed(right, ISSUER_BIN, now, " "))


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (
            "UPDATE registry.organisation SET name = 'x' WHERE kind = 'EXECUTOR'",
            "REQUISITES_MISMATCH",
        ),
        (
            'UPDATE registry.organisation SET requisites = \'[{"iban": "KZ1"}]\''
            " WHERE kind = 'EXECUTOR'",
            "REQUISITES_MISMATCH",
        ),
        ("UPDATE payments.e_invoice SET total_tiyn = total_tiyn - 1", "SUM_MISMATCH"),
        ("UPDATE payments.e_invoice SET period_to = period_to - 1", "PERIOD_MISMATCH"),
        (
            "UPDATE allocation.contract SET status = 'TERMINATED_BY_ISSUER', ended_at = formed_at",
            "NO_BASIS",
        ),
    ],
)
async def test_each_control_keeps_an_order_from_leaving(
    world: Resources, finance: KeyPair, owner: Owner, what: str, code: str
) -> None:
    await invoiced(world, "7", [1])
    await fund(world)
    [order] = await sign_register(world, await form(world))
    await owner.execute(what)
    outcome = await sign_orders(world, finance, [order])
    assert [(r.order_id, r.code) for r in outcome.refused] == [(order.order_id, code)]
    found = await orders.order(world.db.payments, order.order_id)
    assert found.status is OrderStatus.DRAFT
    assert [c.code for c in found.checks if not c.ok] == [code]


async def test_what_is_put_right_passes_with_the_same_message_and_the_history_stays(
    world: Resources, finance: KeyPair, owner: Owner, clock: FixedClock
) -> None:
    await invoiced(world, "7", [1])
    await fund(world)
    [order] = await sign_register(world, await form(world))
    await owner.execute("UPDATE registry.organisation SET name = 'x' WHERE kind = 'EXECUTOR'")
    failed = await decide(world, DecisionKind.RECHECK, [order])
    assert [(o.before, o.after) for o in failed.orders] == [("VERIFIED", "DRAFT")]
    await owner.execute(
        "UPDATE registry.organisation SET name = '«EXECUTOR»' WHERE kind = 'EXECUTOR'"
    )
    clock.advance(timedelta(minutes=1))
    passed = await decide(world, DecisionKind.RECHECK, [order], "атауы түзетілді")
    assert [(o.before, o.after) for o in passed.orders] == [("DRAFT", "VERIFIED")]
    history = await orders.history(world.db.payments, order.order_id)
    assert (history.order.status, history.order.message) == (OrderStatus.VERIFIED, order.message)
    assert [c.status for c in history.controls] == ["VERIFIED", "DRAFT", "VERIFIED"]
    assert [d.reason for d in history.decisions] == ["қате түзетілді", "атауы түзетілді"]
    assert (await sign_orders(world, finance, [history.order])).signed == 1


async def test_what_was_not_sent_is_withdrawn_and_paid_by_a_new_order_to_the_new_account(
    world: Resources, finance: KeyPair, owner: Owner, clock: FixedClock
) -> None:
    await invoiced(world, "7", [1])
    await invoiced(world, "8", [2])
    await fund(world)
    draft, on_its_way = await sign_register(world, await form(world))
    assert (await sign_orders(world, finance, [on_its_way])).signed == 1
    await owner.execute(
        """
        UPDATE registry.organisation SET requisites = jsonb_build_array(jsonb_build_object(
            'iban', 'KZ86125KZT5004100100', 'bic', 'KKMFKZ2A', 'bank', 'b', 'treasury', false))
         WHERE kind = 'EXECUTOR'
        """
    )
    [refused] = (await sign_orders(world, finance, [draft])).refused
    assert refused.code == "REQUISITES_MISMATCH"
    await decide(world, DecisionKind.WITHDRAW, [draft, on_its_way], "жаңа шот")
    for kind in DecisionKind:
        clock.advance(timedelta(seconds=1))
        with pytest.raises(OrderStateWrong):
            await decide(world, kind, [draft])
    # the job that was to send it finds nothing to send
    await exchange.advance(world, on_its_way.order_id)
    db = world.db.payments
    _, mhi = await ledger.totals(db)
    assert (mhi.ordered_tiyn, mhi.accepted_tiyn) == (0, 2 * TARIFF)
    assert await ledger.balance(db, accounts.cash("kbsh", "mhi")) == 100 * TARIFF
    formed = await form(world)
    assert {row.recipient_account for row in formed.rows} == {"KZ86125KZT5004100100"}
    again = await sign_register(world, formed)
    assert [o.replaces for o in again] == [draft.order_id, on_its_way.order_id]
    assert {o.status for o in again} == {OrderStatus.VERIFIED}
    assert (await ledger.proof(db)).ok


async def test_suspension_stops_payment_at_every_step_before_sending(
    world: Resources, finance: KeyPair
) -> None:
    await invoiced(world, "7", [1])
    await fund(world)
    [order] = await sign_register(world, await form(world))
    await delivery.deliver(world, order.register_id)
    await sign_orders(world, finance, [order])
    await invoiced(world, "8", [2])
    [second] = await sign_register(world, await form(world))
    await invoiced(world, "9", [3])
    now = world.clock.now()
    command = Suspend(CLINIC, "S2", "салық берешегі", hashlib.sha256(b"x").hexdigest())
    await suspension.suspend(world, ISSUER_HEAD, signed(command, ISSUER_BIN, now))
    with pytest.raises(NothingToPay):
        await form(world)
    outcome = await sign_orders(world, finance, [second])
    assert [r.code for r in outcome.refused] == ["SUSPENDED"]
    await exchange.advance(world, order.order_id)
    assert (await orders.order(world.db.payments, order.order_id)).status is OrderStatus.SIGNED


async def test_the_invoice_comes_after_the_signature_and_says_the_same(world: Resources) -> None:
    submitted = await present(world, act("7", cases([1])))
    with pytest.raises(InvoiceTooEarly):
        await bill(world, submitted)
    await accept(world, submitted)
    for change, error in (
        ({"total_tiyn": submitted.total_tiyn + 1}, SumMismatch),
        ({"contract_id": LINE}, NoBasis),
        ({"period_to": date(2026, 4, 2)}, InvoicePeriodMismatch),
        ({"issued_on": date(2026, 4, 7)}, InvoicePeriodMismatch),
    ):
        with pytest.raises(error):
            await bill(world, submitted, **change)
    await bill(world, submitted)
    with pytest.raises(DuplicateInvoice):
        await bill(world, submitted, number="another")


async def test_a_lost_confirmation_registers_one_invoice(
    world: Resources, sandbox: Sandbox, clock: FixedClock
) -> None:
    submitted = await present(world, act("7", cases([1])))
    await accept(world, submitted)
    made = await bill(world, submitted)
    tax.state(sandbox).drop = 1
    with pytest.raises(SourceUnavailable):
        await invoice.register(world, made.invoice_id)
    found = await acts.act(world.db.payments, submitted.act_id, None)
    assert found.status is ActStatus.SIGNED_BY_ISSUER
    assert await invoice.retry_due(world) == 0
    clock.advance(timedelta(minutes=3))
    assert await invoice.retry_due(world) == 1
    linked = await invoice.of_act(world.db.payments, submitted.act_id, CLINIC)
    assert (linked.status, linked.registration_number) == ("LINKED", "ESF-00000001")
    found = await acts.act(world.db.payments, submitted.act_id, None)
    assert found.status is ActStatus.INVOICED


async def test_money_comes_on_an_invoice_and_counts_once(
    world: Resources, clock: FixedClock
) -> None:
    db = world.db.payments
    with pytest.raises(LebFundsMhiOnly):
        await funding.ask(db, clock, AskForMoney("L", "leb_gvfmc", MOH_BIN, 1))
    asked = await funding.ask(db, clock, AskForMoney("1", "moh_gvfmc", MOH_BIN, 100))
    assert await funding.ask(db, clock, AskForMoney("1", "moh_gvfmc", MOH_BIN, 100)) == asked
    with pytest.raises(DuplicateFunding):
        await funding.ask(db, clock, AskForMoney("1", "moh_gvfmc", MOH_BIN, 101))
    command = RecordTransfer("r", "moh_gvfmc", asked.invoice_id, 60)
    first = await funding.record(world, MOH, command)
    assert await funding.record(world, MOH, command) == first
    for wrong, error in (
        (RecordTransfer("r", "moh_gvfmc", asked.invoice_id, 61), DuplicateFunding),
        (RecordTransfer("s", "moh_gvfmc", asked.invoice_id, 41), Overpaid),
        (RecordTransfer("s", "moh_mhi", asked.invoice_id, 1), NotYourMoney),
    ):
        with pytest.raises(error):
            await funding.record(world, MOH, wrong)
    stranger = msgspec.structs.replace(MOH, bin="100240000009")
    with pytest.raises(NotYourMoney):
        await funding.record(world, stranger, RecordTransfer("t", "moh_gvfmc", asked.invoice_id, 1))
    gvfmc, mhi = await funding.money(db)
    assert (gvfmc.kbsh_tiyn, gvfmc.nbk_tiyn, mhi.kbsh_tiyn) == (60, 0, 0)
    with pytest.raises(NotEnoughMoney):
        await funding.move(world, FINANCE, signed(MoveMoney("m", 1), ISSUER_BIN, clock.now()))
    [term] = await deadlines.summary(db, at=clock.now())
    assert (term.code, term.running) == ("d6", 1)
