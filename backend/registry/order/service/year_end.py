"""The end of the financial year: its policies expire, in bounded batches (D13)."""

from typing import Final

from backend.kernel import events
from backend.kernel.actor import SYSTEM
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db
from backend.kernel.ids import uuid7
from backend.registry.order.events import PoliciesExpired
from backend.registry.order.queries import change, progress

BATCH: Final = 5_000


async def expire(db: Db, clock: Clock, *, batch: int = BATCH) -> int:
    """Let up to `batch` policies of a year that is over expire; how many. Nothing due costs one look.

    Several workers take different partitions; the place is committed with what it counts.
    """
    now = clock.now()
    async with db.transaction() as tx:
        part = await progress.TAKE_YEAR_PART.one(tx, legal_date(now).year)
        if part is None:
            return 0
        found = await change.EXPIRING[part.part].get(tx, part.after, part.year, batch)
        expired = 0
        if found.until is not None:
            await change.LOCK_CHAINS[part.part].get(tx, part.after, found.until)
            served = await change.EXPIRE[part.part].get(
                tx, part.after, found.until, part.year, f"year-end {part.year}", SYSTEM.label, now
            )
            expired = served.done
        last = found.persons < batch
        await progress.ADVANCE_YEAR.run(
            tx, part.year, part.part, found.until or part.after, expired, last
        )
        if expired:
            told = PoliciesExpired(uuid7(), part.year, expired)
            await events.append(tx, told, by=SYSTEM, at=now)
    return expired
