"""Form the register of approved acts and take the signature of the issuer's head (M §14, App.1)."""

from datetime import datetime
from uuid import UUID

import msgspec

from backend.kernel import events, jobs
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor, Tx
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.payments.ledger import accounts
from backend.payments.ledger import service as ledger
from backend.payments.treasury.funding.errors import NotEnoughMoney
from backend.payments.treasury.order.rules import ASK_AGAIN
from backend.payments.treasury.order.service import sign as orders
from backend.payments.treasury.register import queries, rules
from backend.payments.treasury.register.errors import (
    IssuerAccountMissing,
    NothingToPay,
    RegisterAlreadySigned,
    RegisterDissolved,
    RegisterMismatch,
    RegisterNotFound,
)
from backend.payments.treasury.register.events import RegisterDissolved as Dissolved
from backend.payments.treasury.register.events import RegisterFormed, RegisterSigned
from backend.payments.treasury.register.model import (
    Candidate,
    DissolveRegister,
    FileHeader,
    FormRegister,
    Register,
    RegisterFile,
    RegisterStatus,
    RegisterWithRows,
    SignRegister,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

DELIVER_JOB = "payments.deliver_register"


async def form(db: Db, clock: Clock, actor: Actor, command: FormRegister) -> RegisterWithRows:
    """Invoiced acts in the order they were approved, as far as the money on the KBSh goes.

    Frozen acts are passed over. Raises NothingToPay, NotEnoughMoney, IssuerAccountMissing.
    """
    now = clock.now()
    async with db.transaction() as tx:
        await queries.LOCK.run(tx)
        if not await queries.ISSUER_ACCOUNT.get(tx):
            raise IssuerAccountMissing
        waiting = await queries.CANDIDATES.all(tx, command.source)
        if not waiting:
            raise NothingToPay
        # In this order: an order signed in between is counted twice as spent, never as free twice.
        promised = await queries.PROMISED.get(tx, command.source)
        money = await ledger.balance(tx, accounts.cash("kbsh", command.source))
        taken = rules.affordable(waiting, money - promised)
        if not taken:
            raise NotEnoughMoney
        register_id = await _add(tx, command, taken, now)
        formed = RegisterFormed(register_id, command.source, len(taken), taken[-1].running_tiyn)
        await events.append(tx, formed, by=actor, at=now)
        return await find(tx, register_id)


async def _add(tx: Tx, command: FormRegister, taken: list[Candidate], now: datetime) -> UUID:
    register_id, number = uuid7(), await queries.NEXT_NUMBER.get(tx)
    rows = [rules.row(no, act) for no, act in enumerate(taken, 1)]
    order_ids = [uuid7() for _ in rows]
    head = FileHeader(register_id.hex, number, command.source, taken[0].sender_bin, now)
    await queries.ADD.run(
        tx,
        register_id,
        number,
        command.source,
        now,
        len(rows),
        taken[-1].running_tiyn,
        rules.content(head, rows, order_ids),
    )
    await queries.ADD_ROW.many(
        tx,
        [
            (register_id, act.act_id, *msgspec.structs.astuple(row), order_id)
            for act, row, order_id in zip(taken, rows, order_ids, strict=True)
        ],
    )
    acts = await queries.TAKE_ACTS.run(tx, [act.act_id for act in taken])
    assert acts == len(taken)  # whatever takes an act out of INVOICED waits for our lock
    return register_id


async def sign(
    resources: Resources, actor: Actor, signed: Signed[SignRegister]
) -> RegisterWithRows:
    """The head signs; the payment orders are written and controlled in the same transaction.

    A job hands the file to the Treasury (`delivery`). Raises RegisterNotFound, RegisterAlreadySigned, RegisterMismatch.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        register = await queries.FIND_FOR_UPDATE.one(tx, command.register_id)
        register = _require_formed(register)
        if register.content_sha256 != command.content_sha256:
            raise RegisterMismatch(path="$.content_sha256")
        evidence_id = await evidence.store(tx, signed)
        await queries.SIGN.run(
            tx,
            register.register_id,
            now,
            evidence_id,
            signed.document,
            signed.proof.signature,
            now + ASK_AGAIN,
        )
        await jobs.enqueue(tx, DELIVER_JOB, {"register_id": str(register.register_id)})
        await orders.create(tx, register.register_id, now)
        done = RegisterSigned(register.register_id, register.row_count, register.total_tiyn)
        await events.append(tx, done, by=actor, at=now)
        return await find(tx, register.register_id)


def _require_formed(register: Register | None) -> Register:
    """Only a register as it was formed is signed or dissolved."""
    if register is None:
        raise RegisterNotFound(path="$.register_id")
    if register.status is RegisterStatus.DISSOLVED:
        raise RegisterDissolved
    if register.status is not RegisterStatus.FORMED:
        raise RegisterAlreadySigned
    return register


async def dissolve(
    resources: Resources, actor: Actor, signed: Signed[DissolveRegister]
) -> RegisterWithRows:
    """Take a register apart that the head has not signed: its acts are invoiced acts again.

    Its number, rows and reason stay; nothing of it was ordered, so no money moves. Raises RegisterNotFound,
    RegisterAlreadySigned (its orders are withdrawn one by one), RegisterDissolved, DocumentAlreadyUsed.
    """
    command, now = signed.command, resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        register = _require_formed(await queries.FIND_FOR_UPDATE.one(tx, command.register_id))
        evidence_id = await evidence.store(tx, signed)
        await queries.DISSOLVE.run(tx, register.register_id, now, command.reason, evidence_id)
        released = await queries.RELEASE_ACTS.run(tx, register.register_id)
        assert released == register.row_count
        dissolved = Dissolved(register.register_id, register.row_count, register.total_tiyn)
        await events.append(tx, dissolved, by=actor, at=now)
        return await find(tx, register.register_id)


async def find(where: Executor, register_id: UUID) -> RegisterWithRows:
    """A register with its thirteen columns. Raises RegisterNotFound."""
    register = await queries.FIND.one(where, register_id)
    if register is None:
        raise RegisterNotFound
    return RegisterWithRows(
        **msgspec.structs.asdict(register), rows=await queries.ROWS.all(where, register_id)
    )


async def registers(where: Executor, after: int, limit: int) -> list[Register]:
    """Registers by number, those behind `after`."""
    return await queries.LIST.all(where, after, limit)


async def file(where: Executor, register_id: UUID) -> RegisterFile:
    """The bytes the head signs for and the Treasury gets. Raises RegisterNotFound."""
    found = await queries.FILE.one(where, register_id)
    if found is None:
        raise RegisterNotFound
    return found
