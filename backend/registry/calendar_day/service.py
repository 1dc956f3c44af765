"""Use cases of the calendar's table."""

from datetime import date, timedelta
from uuid import UUID

from backend.kernel import events
from backend.kernel.actor import SYSTEM, Actor
from backend.kernel.calendar import FIRST_DAY, LAST_DAY, DateOutOfRange, LegalCalendar
from backend.kernel.clock import legal_date
from backend.kernel.db import Db
from backend.kernel.ids import uuid7
from backend.kernel.resources import Resources
from backend.registry.calendar_day import queries
from backend.registry.calendar_day.errors import DayAlreadySo, DayInPast
from backend.registry.calendar_day.events import CalendarChanged
from backend.registry.calendar_day.model import CalendarChange, SetDay, YearOfDays
from backend.registry.legal_term import service as legal_terms
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Signed

_SATURDAY = 5
_SETTLING = timedelta(minutes=2)


async def set_day(resources: Resources, actor: Actor, signed: Signed[SetDay]) -> CalendarChange:
    """Set or take away a row, keep who did it and why, and count the running terms anew.

    Raises DateOutOfRange, DayInPast, DayAlreadySo, DocumentAlreadyUsed.
    """
    now, command = resources.clock.now(), signed.command
    if not FIRST_DAY <= command.day <= LAST_DAY:
        raise DateOutOfRange
    if command.day < legal_date(now):
        raise DayInPast(path="day")
    change = CalendarChange(uuid7(), command.day, command.kind, command.source, actor.label, at=now)
    async with resources.db.registry.transaction() as tx:
        await queries.LOCK.run(tx)
        if command.kind is None:
            touched = await queries.REMOVE.run(tx, command.day)
        else:
            touched = await queries.SET.run(tx, command.day, command.kind, command.source)
        if not touched:
            raise DayAlreadySo(path="kind")
        await queries.ADD_CHANGE.run(
            tx,
            change.change_id,
            change.day,
            change.kind,
            change.source,
            await evidence.store(tx, signed),
            change.actor,
            now,
        )
        calendar = LegalCalendar(await queries.ROWS.all(tx))
        await legal_terms.count_anew(tx, calendar, because=change.change_id, by=actor, at=now)
        told = CalendarChanged(subject=change.change_id, day=change.day)
        await events.append(tx, told, by=actor, at=now)
    return change


async def count_stragglers(resources: Resources) -> int:
    """Count once more the terms that another process, still on the old calendar, has started since.

    Every process reads the table anew within seconds (`kernel.calendar`); this looks back longer.
    """
    now = resources.clock.now()
    async with resources.db.registry.transaction() as tx:
        change_id = await queries.CHANGED_SINCE.one(tx, now - _SETTLING)
        if change_id is None:
            return 0
        calendar = LegalCalendar(await queries.ROWS.all(tx))
        return await legal_terms.count_anew(tx, calendar, because=change_id, by=SYSTEM, at=now)


async def year_of(db: Db, calendar: LegalCalendar, year: int) -> YearOfDays:
    """The days of one year. Raises DateOutOfRange outside 2020-2100."""
    if not FIRST_DAY.year <= year <= LAST_DAY.year:
        raise DateOutOfRange
    first = date(year, 1, 1)
    length = (date(year, 12, 31) - first).days + 1
    days = [first + timedelta(days=n) for n in range(length)]
    working = {day for day in days if calendar.is_working_day(day)}
    return YearOfDays(
        year=year,
        working_days=len(working),
        days_off=[d for d in days if d.weekday() < _SATURDAY and d not in working],
        working_weekends=[d for d in days if d.weekday() >= _SATURDAY and d in working],
        rows=await queries.OF_YEAR.all(db, year),
    )


async def history(db: Db, before: UUID | None, limit: int) -> list[CalendarChange]:
    """Changes, newest first."""
    return await queries.HISTORY.all(db, before, limit)
