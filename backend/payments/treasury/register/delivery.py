"""A signed register goes to the Treasury as one file, before any of its orders (FAULTS 24).

The file is handed over until the Treasury says yes or no; the same bytes are the same register. An order
leaves only after its register was taken, so that a damaged file is refused before the first payment.
"""

import asyncio
from uuid import UUID

from backend.kernel import events, logs
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.resources import Resources
from backend.payments.treasury.order.rules import ASK_AGAIN
from backend.payments.treasury.register import queries
from backend.payments.treasury.register.errors import RegisterNotFound, RegisterNotRefused
from backend.payments.treasury.register.events import (
    RegisterDelivered,
    RegisterRefused,
    RegisterTriedAgain,
)
from backend.payments.treasury.register.model import RegisterWithRows
from backend.payments.treasury.register.service import find
from backend.sources.treasury import service as treasury
from backend.sources.treasury.errors import TreasurySilent
from backend.sources.treasury.model import OrderStatus, SignedFile, TreasuryAnswer

log = logs.get("payments.register")


async def deliver(resources: Resources, register_id: UUID) -> bool:
    """Hand a signed register over; whether the Treasury has it now. Safe to repeat."""
    found = await queries.TO_DELIVER.one(resources.db.payments, register_id)
    if found is None:
        return False
    file = SignedFile(register_id.hex, found.content, found.document, found.signature)
    try:
        answer = await treasury.send_register(resources.http, resources.config, file)
    except TreasurySilent:
        return False  # asked again when its time comes
    return await _record(resources, register_id, answer)


async def _record(resources: Resources, register_id: UUID, answer: TreasuryAnswer) -> bool:
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        if answer.status is not OrderStatus.REJECTED:
            if await queries.DELIVERED.run(tx, register_id, now):
                await queries.HASTEN.run(tx, register_id, now)
                await events.append(tx, RegisterDelivered(register_id), by=SYSTEM, at=now)
            return True
        reason = answer.reason or "UNSTATED"
        if await queries.REFUSED.run(tx, register_id, reason):
            log.error("the Treasury refused a register", reason=reason)
            await events.append(tx, RegisterRefused(register_id, reason), by=SYSTEM, at=now)
    return False


async def try_again(resources: Resources, actor: Actor, register_id: UUID) -> RegisterWithRows:
    """Hand a refused register over once more. Raises RegisterNotFound, RegisterNotRefused."""
    now = resources.clock.now()
    async with resources.db.payments.transaction() as tx:
        found = await queries.FIND_FOR_UPDATE.one(tx, register_id)
        if found is None:
            raise RegisterNotFound
        if found.refusal is None:
            raise RegisterNotRefused
        await queries.TRY_AGAIN.run(tx, register_id, now)
        tried = RegisterTriedAgain(register_id, found.refusal)
        await events.append(tx, tried, by=actor, at=now)
        return await find(tx, register_id)


async def deliver_due(resources: Resources) -> int:
    """Hand over every register that waits; how many the Treasury has now."""
    now = resources.clock.now()
    due = await queries.TAKE_DUE.all(resources.db.payments, now, now + ASK_AGAIN)
    return sum(await asyncio.gather(*(deliver(resources, register_id) for register_id in due)))
