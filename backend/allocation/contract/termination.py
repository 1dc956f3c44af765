"""The issuer ends contracts on a ground of M §17 (M §18).

Whether a ground stands and payment is stopped is known to the wing that pays: it calls this in the
transaction of the issuer's signed decision, under its own database role, which may change the status
and the ending of a contract and nothing else of it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.allocation.contract import events, queries
from backend.kernel import events as log
from backend.kernel.actor import Actor
from backend.kernel.db import Tx


async def terminate(
    tx: Tx, actor: Actor, contract_ids: Sequence[UUID], ground: str, *, at: datetime
) -> list[UUID]:
    """Those of the contracts that were in force are TERMINATED_BY_ISSUER; which they are.

    One that has expired, or was terminated before, stays as it is.
    """
    ended = await queries.TERMINATE.all(tx, list(contract_ids), at, ground)
    told = [events.ContractTerminated(e.contract_id, e.executor_id, ground) for e in ended]
    await log.append_many(tx, told, by=actor, at=at)
    return [e.contract_id for e in ended]
