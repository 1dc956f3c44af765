"""The calendar over HTTP: read by everybody, changed by the registrar's signature."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import DateOutOfRange, LegalCalendar
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED
from backend.registry.calendar_day import service
from backend.registry.calendar_day.errors import DayAlreadySo, DayInPast
from backend.registry.calendar_day.model import CalendarChange, SetDay, YearOfDays
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web import paging
from backend.web.guards import public, requires
from backend.web.openapi import operation
from backend.web.paging import Page

CHANGE = {
    "change_id": "01980000-0000-7000-8000-0000000000c1",
    "day": "2027-05-16",
    "kind": "DAY_OFF",
    "source": "Құрбан айт 2027, ҚМДБ хабарламасы",
    "actor": "registrar:061211600012",
    "at": "2026-11-22T05:00:00Z",
}
YEAR = {
    "year": 2026,
    "working_days": 247,
    "days_off": ["2026-01-01", "2026-01-02", "2026-01-07"],
    "working_weekends": [],
    "rows": [],
}
_PAGE = 100


@post(
    "/calendar/days",
    status_code=201,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "SetCalendarDay",
        "Set a working day or a day off",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, DateOutOfRange, DayInPast, DayAlreadySo),
        body=SIGNED,
        answer=CHANGE,
    ),
)
async def set_day(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> CalendarChange:
    """Carry out a signed `calendar.set_day` {day, kind, source}: every running term is counted anew.

    A change never makes anybody late in hindsight: no term ends before the day of the change.
    """
    signed = await evidence.accept(resources, actor, data, SetDay)
    return await service.set_day(resources, actor, signed)


@get(
    "/calendar/changes",
    guards=[requires(Role.REGISTRAR, Role.MOH)],
    tags=["registry"],
    **operation(
        "ListCalendarChanges",
        "Who changed the calendar",
        discloses="nothing",
        errors=(paging.BadCursor,),
        answer={"items": [CHANGE], "next": None},
    ),
)
async def changes(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None
) -> Page[CalendarChange]:
    """Every change with its source, newest first."""
    before: UUID | None = paging.decode_uuid(cursor)
    rows = await service.history(db, before, _PAGE + 1)
    return paging.page(rows, _PAGE, lambda row: row.change_id)


@get(
    "/public/calendar/{year:int}",
    guards=[public],
    tags=["public"],
    **operation(
        "GetCalendarYear",
        "Working days and days off of a year",
        discloses="nothing",
        guarded=False,
        errors=(DateOutOfRange,),
        answer=YEAR,
    ),
)
async def year(
    year: FromPath[int], db: NamedDependency[Db], calendar: NamedDependency[LegalCalendar]
) -> YearOfDays:
    """Show how the service counts the days of `year` (2020-2100)."""
    return await service.year_of(db, calendar, year)
