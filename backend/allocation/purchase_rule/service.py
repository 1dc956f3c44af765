"""Use cases of the directory of purchase rules."""

from backend.allocation.purchase_rule import queries
from backend.allocation.purchase_rule.errors import RuleUnknown
from backend.allocation.purchase_rule.model import EnterRule, PurchaseRule
from backend.kernel.clock import Clock
from backend.kernel.db import Db, Executor
from backend.kernel.ids import uuid7
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed


async def enter(db: Db, clock: Clock, signed: Signed[EnterRule]) -> list[PurchaseRule]:
    """Enter a case, change its wording, or retire it. Raises DocumentAlreadyUsed."""
    command = signed.command
    async with db.transaction() as tx:
        await queries.ADD.run(
            tx,
            uuid7(),
            command.code,
            command.title_kk,
            command.title_ru,
            command.retired,
            await evidence.store(tx, signed),
            clock.now(),
        )
        return await queries.IN_FORCE.all(tx)


async def in_force(where: Executor) -> list[PurchaseRule]:
    """The cases a rejection may name."""
    return await queries.IN_FORCE.all(where)


async def require(where: Executor, code: str) -> None:
    """That case is in force. Raises RuleUnknown."""
    if code not in {rule.code for rule in await queries.IN_FORCE.all(where)}:
        raise RuleUnknown(path="document.rule")
