"""What time does to contracts: a reminder to sign (D7), the end of validity (domain 3.5)."""

from datetime import datetime

from backend.allocation.contract import events, queries
from backend.kernel import events as log
from backend.kernel.actor import SYSTEM
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock, legal_date, legal_midnight
from backend.kernel.db import Db

REMIND_AFTER_WD = 3  # D7: the law sets the executor no term; a reminder after three working days
_AT_ONCE = 500


async def remind(db: Db, clock: Clock, calendar: LegalCalendar) -> int:
    """Remind executors, once each, of contracts that wait for them; how many now."""
    now = clock.now()
    async with db.transaction() as tx:
        waiting = await queries.REMIND.all(tx, now, signed_before(calendar, now), _AT_ONCE)
        facts = [events.ContractSignatureDue(w.contract_id, w.executor_id) for w in waiting]
        await log.append_many(tx, facts, by=SYSTEM, at=now)
    return len(waiting)


async def expire(db: Db, clock: Clock) -> int:
    """End the contracts whose last day is over; how many now. Their acts may still be presented."""
    now = clock.now()
    async with db.transaction() as tx:
        ended = await queries.EXPIRE.all(tx, legal_date(now), now, _AT_ONCE)
        facts = [events.ContractExpired(e.contract_id, e.executor_id) for e in ended]
        await log.append_many(tx, facts, by=SYSTEM, at=now)
    return len(ended)


def signed_before(calendar: LegalCalendar, now: datetime) -> datetime:
    """What was signed before then has waited three whole working days."""
    day = legal_date(now)
    for _ in range(REMIND_AFTER_WD):
        day = calendar.previous_working_day(day)
    return legal_midnight(day)
