"""What others find and tell us: confirmed complaints (S4), addresses recorded by monitoring (S1)."""

from datetime import date
from uuid import UUID

from backend.kernel.resources import Resources
from backend.payments.detection import queries
from backend.payments.detection.model import ConfirmedComplaint
from backend.payments.suspension import rules
from backend.payments.suspension import service as suspension
from backend.payments.suspension.model import Cause, Ground


async def count(resources: Resources, told: ConfirmedComplaint) -> None:
    """Count a confirmed complaint; the fourth of a financial year suspends (S4, D9). Safe to repeat.

    Every further one of the year raises S4 anew once the earlier suspension was resumed: there are
    still more than three.
    """
    now = resources.clock.now()
    who, year = told.executor_id, told.financial_year
    async with resources.db.payments.transaction() as tx:
        await queries.LOCK_EXECUTOR.run(tx, who)
        new = await queries.CONFIRM.one(tx, told.subject, who, told.ground, year, now)
        if new is None:
            return
        confirmed = {c.ground: c.count for c in await queries.CONFIRMED.all(tx, who, year)}
        cause = rules.complained_of(who, year, confirmed)
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
