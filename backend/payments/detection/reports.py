"""What others find and tell us: confirmed complaints (S4), addresses recorded by monitoring (S1)."""

from datetime import date
from uuid import UUID

from backend.kernel.clock import legal_date
from backend.kernel.resources import Resources
from backend.payments.detection import queries
from backend.payments.suspension import rules
from backend.payments.suspension import service as suspension
from backend.payments.suspension.events import ComplaintConfirmed
from backend.payments.suspension.model import Cause, Ground


async def confirm(resources: Resources, told: ComplaintConfirmed) -> None:
    """Count a confirmed complaint; the fourth of a financial year suspends (S4, D9). Safe to repeat.

    A complaint counts in the year of the legal day it was confirmed on. Every further one of the year
    raises S4 anew once the earlier suspension was resumed: there are still more than three.
    """
    now = resources.clock.now()
    today = legal_date(now)
    async with resources.db.payments.transaction() as tx:
        await queries.LOCK_EXECUTOR.run(tx, told.executor_id)
        new = await queries.CONFIRM.one(tx, told.subject, told.executor_id, told.ground, today)
        if new is None:
            return
        year = (date(today.year, 1, 1), date(today.year, 12, 31))
        confirmed = await queries.CONFIRMED.all(tx, told.executor_id, *year)
        counted = {c.ground: c.count for c in confirmed}
        cause = rules.complained_of(told.executor_id, today.year, counted)
        if cause is not None:
            await suspension.raise_many(tx, resources.calendar, [cause], now)


async def recorded_address(
    resources: Resources,
    executor_id: UUID,
    protocol_id: UUID,
    protocol_sha256: str,
    recorded_on: date,
) -> None:
    """A signed protocol records a service at an address that does not match the licence: S1 (M §15(1)).

    Safe to repeat: a protocol suspends once, also when that was resumed meanwhile.
    """
    facts = {
        "protocol_id": str(protocol_id),
        "protocol_sha256": protocol_sha256,
        "recorded_on": recorded_on.isoformat(),
    }
    cause = Cause(executor_id, Ground.S1, f"protocol of {recorded_on}", facts)
    async with resources.db.payments.transaction() as tx:
        if not await queries.OF_PROTOCOL.get(tx, executor_id, str(protocol_id)):
            await suspension.raise_many(tx, resources.calendar, [cause], resources.clock.now())
