"""Our e-invoices beside the tax body's books: compared, mended or named, and taken back."""

from datetime import timedelta

import msgspec
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.payments.act.model import ActStatus, ActWithReport
from backend.payments.act.service import read as acts
from backend.payments.invoice import reconcile
from backend.payments.invoice import service as invoice
from backend.payments.invoice.errors import (
    DuplicateInvoice,
    InvoiceNotFound,
    InvoiceStateWrong,
)
from backend.payments.invoice.model import Difference, Invoice, RevokeInvoice
from backend.sources.exchange import SourceUnavailable
from infra.sandbox import tax
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox
from tests.payments.conftest import (
    ACCOUNTANT,
    CLINIC,
    CLINIC_BIN,
    Owner,
    accept,
    act,
    cases,
    present,
    signed,
)
from tests.payments.treasury.conftest import (
    bill,
    form,
    fund,
    invoiced,
    sign_orders,
    sign_register,
)

OTHER_BIN = "110140000008"


async def compare(world: Resources, clock: FixedClock, **later: int) -> list[Difference]:
    """A day later; what is open then."""
    clock.advance(timedelta(**later or {"days": 1, "minutes": 1}))
    await reconcile.compare_due(world)
    return await reconcile.differences(world.db.payments, None, 50, only_open=True)


async def all_of(world: Resources) -> list[tuple[str, bool]]:
    found = await reconcile.differences(world.db.payments, None, 50, only_open=False)
    return [(d.kind, d.mended) for d in found]


async def status(world: Resources, of: ActWithReport) -> ActStatus:
    return (await acts.act(world.db.payments, of.act_id, None)).status


async def take_back(world: Resources, of: ActWithReport, which: Invoice) -> Invoice:
    command = RevokeInvoice(which.invoice_id, "қате кезең")
    at = world.clock.now()
    request = signed(command, CLINIC_BIN, at, salt=f" {at.isoformat()}")
    return await reconcile.take_back(world, ACCOUNTANT, of.act_id, request)


async def test_what_agrees_is_asked_about_once_a_day(
    world: Resources, sandbox: Sandbox, clock: FixedClock
) -> None:
    await invoiced(world, "7", [1])
    assert await reconcile.compare_due(world) == 0
    for _ in range(2):
        assert await compare(world, clock) == []
    assert await all_of(world) == []
    clock.advance(timedelta(hours=23))
    # nobody is asked before the day is over: the stand-in would now say otherwise
    tax.state(sandbox).invoices.clear()
    assert await reconcile.compare_due(world) == 0


async def test_a_confirmation_nobody_heard_is_linked(
    world: Resources, sandbox: Sandbox, clock: FixedClock
) -> None:
    submitted = await present(world, act("7", cases([1])))
    await accept(world, submitted)
    made = await bill(world, submitted)
    tax.state(sandbox).drop = 1
    with pytest.raises(SourceUnavailable):
        await invoice.register(world, made.invoice_id)
    assert await compare(world, clock, minutes=11) == []
    assert await all_of(world) == [("NOT_LINKED", True)]
    assert await status(world, submitted) is ActStatus.INVOICED


async def test_what_a_person_must_look_at_stops_the_payment_until_it_agrees(
    world: Resources, finance: KeyPair, sandbox: Sandbox, clock: FixedClock
) -> None:
    await invoiced(world, "7", [1])
    await fund(world)
    [order] = await sign_register(world, await form(world))
    [kept] = tax.state(sandbox).invoices.values()
    right = kept.invoice
    kept.invoice = msgspec.structs.replace(right, amount="1.00")
    [found] = await compare(world, clock)
    assert (found.kind, found.detail) == ("CONTENT_DIFFERS", {"amount": ["1000.00", "1.00"]})
    [refused] = (await sign_orders(world, finance, [order])).refused
    assert refused.code == "NO_BASIS"
    assert len(await compare(world, clock, hours=1)) == 1  # told once
    kept.invoice = right
    assert await compare(world, clock, hours=1) == []
    assert (await sign_orders(world, finance, [order])).signed == 1
    tax.state(sandbox).invoices.clear()
    assert [d.kind for d in await compare(world, clock)] == ["UNKNOWN_TO_TAX"]


async def test_an_invoice_revoked_there_is_revoked_here_unless_it_is_in_a_register(
    world: Resources, sandbox: Sandbox, clock: FixedClock
) -> None:
    first = await invoiced(world, "7", [1])
    await fund(world)
    await form(world)
    second = await invoiced(world, "8", [2])
    for kept in tax.state(sandbox).invoices.values():
        kept.revoked = True
    [waiting] = await compare(world, clock)
    assert (waiting.kind, waiting.act_id) == ("REVOKED_AT_TAX", first.act_id)
    assert sorted(await all_of(world)) == [("REVOKED_AT_TAX", False), ("REVOKED_AT_TAX", True)]
    assert await status(world, first) is ActStatus.IN_REGISTER
    assert await status(world, second) is ActStatus.SIGNED_BY_ISSUER


async def test_an_executor_takes_its_invoice_back_and_issues_another(
    world: Resources, sandbox: Sandbox, clock: FixedClock
) -> None:
    submitted = await invoiced(world, "7", [1])
    made = await invoice.of_act(world.db.payments, submitted.act_id, CLINIC)
    stranger = msgspec.structs.replace(made, invoice_id=submitted.act_id)
    with pytest.raises(InvoiceNotFound):
        await take_back(world, submitted, stranger)
    assert (await take_back(world, submitted, made)).status == "REVOKING"
    assert await status(world, submitted) is ActStatus.SIGNED_BY_ISSUER
    with pytest.raises(InvoiceStateWrong):
        await take_back(world, submitted, made)
    with pytest.raises(DuplicateInvoice):
        await bill(world, submitted, number="ESF-new")
    tax.state(sandbox).drop = 1
    with pytest.raises(SourceUnavailable):
        await reconcile.revoke(world, made.invoice_id)
    clock.advance(timedelta(minutes=3))
    assert await invoice.retry_due(world) == 1
    assert [k.revoked for k in tax.state(sandbox).invoices.values()] == [True]
    again = await bill(world, submitted, number="ESF-new")
    await invoice.register(world, again.invoice_id)
    await fund(world)
    await form(world)
    with pytest.raises(InvoiceStateWrong):
        await take_back(world, submitted, again)


async def test_another_clinic_takes_nothing_back(world: Resources, owner: Owner) -> None:
    submitted = await invoiced(world, "7", [1])
    made = await invoice.of_act(world.db.payments, submitted.act_id, CLINIC)
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        """
        INSERT INTO registry.organisation (organisation_id, bin, kind, form, name, status,
            contacts, requisites, head, evidence_id, opened_at, changed_at)
        SELECT uuidv7(), $1, kind, form, name, status, contacts, requisites, head, evidence_id,
               opened_at, changed_at
          FROM registry.organisation
         WHERE bin = $2
        """,
        OTHER_BIN,
        CLINIC_BIN,
    )
    stranger = msgspec.structs.replace(ACCOUNTANT, bin=OTHER_BIN)
    command = RevokeInvoice(made.invoice_id, "өзімдікі емес")
    with pytest.raises(InvoiceNotFound):
        await reconcile.take_back(
            world, stranger, submitted.act_id, signed(command, OTHER_BIN, world.clock.now())
        )
    assert await status(world, submitted) is ActStatus.INVOICED
