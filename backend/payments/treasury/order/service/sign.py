"""Write the orders of a register, control them, and take the issuer's signatures (M §14)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from backend.kernel import deadlines, events, jobs
from backend.kernel.actor import Actor
from backend.kernel.db import Tx
from backend.kernel.resources import Resources
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.ledger.errors import BalanceTooSmall
from backend.payments.suspension.errors import Suspended
from backend.payments.treasury.funding.errors import NotEnoughMoney
from backend.payments.treasury.order import queries, rules
from backend.payments.treasury.order.errors import OrderNotFound, OrderStateWrong
from backend.payments.treasury.order.events import OrderSigned
from backend.payments.treasury.order.model import (
    Control,
    OrderRefused,
    OrdersSigned,
    OrderStatus,
    SignOrders,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Proof
from backend.signing.model import Role
from backend.sources.treasury import service as treasury
from backend.sources.treasury.errors import OrderUnreadable

OPERATION = "payment.sign"
# Payments are signed by the head, by who may sign, or by who may sign financial documents.
SIGNERS = frozenset({Role.HEAD, Role.SIGNATORY, Role.FINANCE})
SEND_JOB = "payments.send_order"


async def create(tx: Tx, register_id: UUID, at: datetime) -> None:
    """Write one order per row of a signed register and control them."""
    await queries.CREATE.run(tx, register_id, at)
    await control(tx, register_id, None, at)


async def control(
    tx: Tx, register_id: UUID | None, orders: Sequence[UUID] | None, at: datetime
) -> dict[UUID, tuple[Control, str | None]]:
    """Run the five controls on unsigned orders and store them; the code of the first that failed.

    What passes is VERIFIED and has its message; what fails is a DRAFT (domain 3.9). Every run is kept.
    """
    outcomes: dict[UUID, tuple[Control, str | None]] = {}
    written: list[tuple[UUID, OrderStatus, object, bytes | None]] = []
    for found in await queries.CONTROLS.all(tx, register_id, orders and list(orders)):
        if found.status not in (OrderStatus.DRAFT, OrderStatus.VERIFIED):
            outcomes[found.order_id] = (found, OrderStateWrong.code)
            continue
        checks = rules.control(found, at)
        failed = next((c.code for c in checks if not c.ok), None)
        message = None
        if failed is None and not found.written:
            try:
                message = treasury.write_order(rules.credit_transfer(found))
            except OrderUnreadable:
                failed = OrderUnreadable.code
        status = OrderStatus.DRAFT if failed else OrderStatus.VERIFIED
        written.append((found.order_id, status, checks, message))
        outcomes[found.order_id] = (found, failed)
    await queries.SET_CHECKED.many(tx, written)
    await queries.ADD_CONTROL.many(
        tx, [(order_id, at, status, checks) for order_id, status, checks, _ in written]
    )
    return outcomes


async def sign(resources: Resources, actor: Actor, command: SignOrders) -> OrdersSigned:
    """Take detached signatures over the orders' messages; each order signed is on its way.

    A signature that does not stand refuses the whole batch. Orders that fail a control or are
    frozen are refused one by one. Raises OrderNotFound, SignatureInvalid and its kin, NotEnoughMoney.
    """
    return await take(resources, actor, await _verify(resources, actor, command))


async def take(resources: Resources, actor: Actor, proofs: Mapping[UUID, Proof]) -> OrdersSigned:
    """Commit orders whose signatures stand, by order; they leave in jobs. Raises NotEnoughMoney."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        outcomes = await control(tx, None, list(proofs), now)
        refused = [
            OrderRefused(order_id, code)
            for order_id, (found, failed) in outcomes.items()
            if (code := failed or (Suspended.code if found.frozen else None))
        ]
        bad = {r.order_id for r in refused}
        good = [found for found, _ in outcomes.values() if found.order_id not in bad]
        await _commit(tx, actor, good, proofs, now)
        await _keep_terms(tx, good, now)
    return OrdersSigned(len(good), tuple(refused))


async def _verify(resources: Resources, actor: Actor, command: SignOrders) -> dict[UUID, Proof]:
    """Each signature must stand over the very message of its order."""
    db = resources.db.payments
    proofs: dict[UUID, Proof] = {}
    for place, given in enumerate(command.signatures):
        order = await queries.FIND.one(db, given.order_id)
        if order is None or order.order_id in proofs:
            raise OrderNotFound(path=f"signatures[{place}].order_id")
        if order.message is None:
            raise OrderStateWrong(path=f"signatures[{place}].order_id", status=order.status)
        proofs[order.order_id] = await evidence.accept_detached(
            resources, actor, given.signature, order.message, operation=OPERATION, roles=SIGNERS
        )
    return proofs


async def _commit(
    tx: Tx, actor: Actor, orders: list[Control], proofs: Mapping[UUID, Proof], now: datetime
) -> None:
    await ledger.open_accounts(
        tx,
        [
            accounts.cash(h, source)
            for source in {o.source for o in orders}
            for h in ("kbsh", "sent")
        ],
    )
    try:
        await ledger.post_many(tx, [rules.signing(order) for order in orders], now)
    except BalanceTooSmall:
        raise NotEnoughMoney from None
    own = [proofs[order.order_id] for order in orders]
    kept = await evidence.store_many(tx, own)
    signed = [
        (order.order_id, proof.signature, evidence_id, now, now + rules.ASK_AGAIN)
        for order, proof, evidence_id in zip(orders, own, kept, strict=True)
    ]
    await queries.SET_SIGNED.many(tx, signed)
    told = [OrderSigned(order.order_id, order.act_id, order.amount_tiyn) for order in orders]
    await events.append_many(tx, told, by=actor, at=now)
    await jobs.enqueue_many(tx, [(SEND_JOB, {"order_id": str(o.order_id)}) for o in orders])


async def _keep_terms(tx: Tx, orders: list[Control], now: datetime) -> None:
    """Signed orders keep the 30 days of the money they are paid from (M §14, d6)."""
    registers = list({order.register_id for order in orders})
    funded_by = await queries.FUNDED_BY.all(tx, registers)
    await deadlines.fulfil(tx, "d6", funded_by, at=now)
