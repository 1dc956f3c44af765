"""Use cases of the licence matrix."""

from collections.abc import Collection

from backend.allocation.licence_need import queries
from backend.allocation.licence_need.model import EnterNeed, Further, Need
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor
from backend.kernel.ids import uuid7
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def enter(db: Db, clock: Clock, signed: Signed[EnterNeed]) -> list[Need]:
    """Enter what a service needs from now on. Raises DocumentAlreadyUsed."""
    command = signed.command
    async with db.transaction() as tx:
        await queries.ADD.run(
            tx,
            uuid7(),
            command.service_type,
            sorted(set(command.kinds)),
            command.basis,
            await evidence.store(tx, signed),
            clock.now(),
        )
        return await queries.ALL.all(tx)


async def matrix(where: Executor) -> list[Need]:
    """What every service of the directory needs."""
    return await queries.ALL.all(where)


async def needed(where: Executor, services: Collection[str]) -> set[Further]:
    """What any of the services needs besides the medical licence."""
    found = await queries.OF_SERVICES.all(where, sorted(set(services)))
    return {kind for need in found for kind in need.kinds}
