"""The tax body and the Treasury as stand-ins on a real socket, and the road from act to order."""

import functools
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from litestar import Litestar, Router
from litestar.di import Provide

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import FixedClock, legal_date
from backend.kernel.config import Config, Mode
from backend.kernel.resources import Resources
from backend.payments.act.model import ActWithReport
from backend.payments.act.service import read
from backend.payments.invoice import service as invoice
from backend.payments.invoice.model import Invoice, IssueInvoice
from backend.payments.treasury.funding import service as funding
from backend.payments.treasury.funding.model import AskForMoney, MoveMoney, RecordTransfer
from backend.payments.treasury.order.model import (
    DecideOrders,
    DecisionKind,
    Order,
    OrdersDecided,
    OrdersSigned,
)
from backend.payments.treasury.order.service import decide as deciding
from backend.payments.treasury.order.service import read as orders
from backend.payments.treasury.order.service import sign
from backend.payments.treasury.register import delivery
from backend.payments.treasury.register import service as register
from backend.payments.treasury.register.model import (
    DissolveRegister,
    FormRegister,
    RegisterWithRows,
    SignRegister,
)
from backend.signing.evidence.model import Proof
from infra.sandbox import tax, treasury
from infra.sandbox.nca.centre import Centre
from infra.sandbox.nca.keypair import KeyPair
from infra.sandbox.state import Sandbox
from tests.conftest import MONDAY_MORNING, SECRET
from tests.payments.conftest import (
    ACCOUNTANT,
    CLINIC_BIN,
    CONTRACT,
    FINANCE,
    ISSUER_BIN,
    ISSUER_HEAD,
    TARIFF,
    accept,
    act,
    cases,
    present,
    signed,
)
from tests.serving import serving

MOH_BIN = "000740000728"
MOH = Actor(UUID(int=7), frozenset({Role.MOH}), bin=MOH_BIN)


@functools.cache
def the_centre() -> Centre:
    return Centre.create(b"payments", MONDAY_MORNING - timedelta(days=2))


@functools.cache
def key_of(role: str) -> KeyPair:
    """A key of the issuer's people, real."""
    at = MONDAY_MORNING - timedelta(days=1)
    return the_centre().issue_legal("850101300013", ISSUER_BIN, "СЕРІКОВА АЙГҮЛ", "Қор", role, at)


@pytest.fixture(scope="session")
def centre() -> Centre:
    return the_centre()


@pytest.fixture(scope="session")
def finance() -> KeyPair:
    return key_of("finance")


@pytest.fixture
def sandbox(centre: Centre, clock: FixedClock) -> Sandbox:
    made = Sandbox(centre)
    made.set_clock(clock.now())
    return made


@pytest.fixture
async def outside(sandbox: Sandbox) -> AsyncIterator[str]:
    """The address of the stand-ins."""

    async def provide() -> Sandbox:
        return sandbox

    app = Litestar(
        [
            Router("/treasury", route_handlers=treasury.HANDLERS),
            Router("/tax", route_handlers=tax.HANDLERS),
        ],
        dependencies={"sandbox": Provide(provide)},
        openapi_config=None,
    )
    async with serving(app) as server:
        yield server.url


@pytest.fixture
def config(database_url: str, endpoints: object, outside: str) -> Config:
    return Config(
        mode=Mode.TEST,
        database_url=database_url,
        valkey_url=endpoints.valkey_url,  # type: ignore[attr-defined]
        secret=SECRET,
        issuer_bin=ISSUER_BIN,
        trust="test",
        log_level="WARNING",
        treasury_url=f"{outside}/treasury",
        tax_url=f"{outside}/tax",
        source_timeout_s=5,
    )


async def invoiced(world: Resources, number: str, people: list[int]) -> ActWithReport:
    """An act the issuer signed, with an e-invoice the tax body confirmed."""
    submitted = await present(world, act(number, cases(people, prefix=number)))
    await accept(world, submitted)
    made = await bill(world, submitted)
    await invoice.register(world, made.invoice_id)
    return await read.act_with_report(world.db.payments, submitted.act_id, None)


async def bill(world: Resources, of: ActWithReport, **changes: object) -> Invoice:
    """The clinic's accountant issues an e-invoice."""
    command = IssueInvoice(
        of.act_id,
        f"ESF-{of.number}",
        legal_date(world.clock.now()),
        CONTRACT,
        of.period_from,
        of.period_to,
        of.total_tiyn,
    )
    command = msgspec.structs.replace(command, **changes)
    return await invoice.issue(world, ACCOUNTANT, signed(command, CLINIC_BIN, world.clock.now()))


async def fund(world: Resources, amount: int = 100 * TARIFF, name: str = "1") -> None:
    """MHI money reaches the National Bank account and goes on to the cash control account."""
    asked = await funding.ask(
        world.db.payments, world.clock, AskForMoney(name, "moh_mhi", MOH_BIN, amount)
    )
    await funding.record(world, MOH, RecordTransfer(name, "moh_mhi", asked.invoice_id, amount))
    await funding.move(
        world,
        FINANCE,
        signed(MoveMoney(f"move {name}", amount), ISSUER_BIN, world.clock.now()),
    )


async def form(world: Resources) -> RegisterWithRows:
    """The issuer's finance forms a register."""
    return await register.form(world.db.payments, world.clock, FINANCE, FormRegister("mhi"))


async def sign_register(world: Resources, formed: RegisterWithRows) -> list[Order]:
    """The issuer's head signs it; the orders it brings about."""
    command = SignRegister(formed.register_id, formed.content_sha256)
    now = world.clock.now()
    request = signed(command, ISSUER_BIN, now)
    proof = msgspec.structs.replace(
        request.proof, signature=key_of("head").sign_cms(request.document, at=now)
    )
    await register.sign(world, ISSUER_HEAD, msgspec.structs.replace(request, proof=proof))
    return await orders.orders(world.db.payments, formed.register_id, None, 100)


async def sign_orders(world: Resources, finance: KeyPair, given: list[Order]) -> OrdersSigned:
    """The issuer's finance signs the exact bytes of the orders."""
    now = world.clock.now()
    proofs = {}
    for order in given:
        assert order.message is not None
        proofs[order.order_id] = Proof(
            operation=sign.OPERATION,
            document=order.message,
            signature=finance.sign_cms(order.message, at=now),
            signer=None,
            signer_bin=ISSUER_BIN,
            signer_roles=("finance",),
            certificate_serial="1",
            algorithm="gost2015-512",
            result={},
            verified_at=now,
        )
    return await sign.take(world, FINANCE, proofs)


async def ready(world: Resources, finance: KeyPair, people: list[int]) -> Order:
    """One signed order, on its way to the Treasury."""
    await invoiced(world, "7", people)
    await fund(world)
    [order] = await sign_register(world, await form(world))
    assert await delivery.deliver(world, order.register_id)
    outcome = await sign_orders(world, finance, [order])
    assert (outcome.signed, outcome.refused) == (1, ())
    return order


async def decide(
    world: Resources, decision: DecisionKind, given: list[Order], reason: str = "қате түзетілді"
) -> OrdersDecided:
    """The issuer's finance decides about orders, signed."""
    command = DecideOrders(decision, tuple(o.order_id for o in given), reason)
    now = world.clock.now()
    request = signed(command, ISSUER_BIN, now, salt=f" {now.isoformat()}")
    return await deciding.decide(world, FINANCE, request)


async def dissolve(
    world: Resources, formed: RegisterWithRows, reason: str = "дау түсті"
) -> RegisterWithRows:
    """The issuer's finance takes a register apart, signed."""
    command = DissolveRegister(formed.register_id, reason)
    now = world.clock.now()
    request = signed(command, ISSUER_BIN, now, salt=f" {now.isoformat()}")
    return await register.dissolve(world, FINANCE, request)
