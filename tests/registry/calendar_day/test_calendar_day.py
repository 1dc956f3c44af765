"""The registrar changes the calendar: running terms and what is copied from them move, all else stays."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend.app.resources import read_calendar
from backend.kernel import deadlines
from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import DateOutOfRange, DayKind, LegalCalendar
from backend.kernel.clock import FixedClock, end_of_legal_day, legal_date
from backend.kernel.resources import Resources
from backend.kernel.terms import deadline
from backend.registry.calendar_day import service
from backend.registry.calendar_day.errors import DayAlreadySo, DayInPast
from backend.registry.calendar_day.model import CalendarChange, SetDay
from tests.registry.conftest import ISSUER_BIN, signed

REGISTRAR = Actor(session_id=UUID(int=1), roles=frozenset({Role.REGISTRAR}), bin="061211600012")
OFF = DayKind.DAY_OFF


async def change(
    resources: Resources, day: date, kind: DayKind | None, source: str = "Үкімет қаулысы № 1"
) -> CalendarChange:
    command = SetDay(day=day, kind=kind, source=source)
    return await service.set_day(resources, REGISTRAR, signed(command, resources, REGISTRAR.bin))


async def start(resources: Resources, calendar: LegalCalendar, code: str) -> UUID:
    subject, now = uuid4(), resources.clock.now()
    due_at = deadline(calendar, code, legal_date(now))
    async with resources.db.registry.transaction() as tx:
        await deadlines.start(tx, code, subject, "issuer", started_at=now, due_at=due_at)
    return subject


async def ends(owner: "asyncpg.Connection[asyncpg.Record]") -> dict[UUID, datetime]:
    return {r["subject"]: r["due_at"] for r in await owner.fetch("SELECT * FROM kernel.term")}


async def test_a_decreed_day_off_moves_running_terms_and_back(
    resources: Resources,
    clock: FixedClock,
    calendar: LegalCalendar,
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    ended = await start(resources, calendar, "d3")
    clock.advance(timedelta(days=2))  # Wednesday 8 April
    window = await start(resources, calendar, "d2")
    done = await start(resources, calendar, "d2")
    async with resources.db.registry.transaction() as tx:
        await deadlines.fulfil(tx, "d2", [done], at=clock.now())
    before = await ends(owner)
    assert before[window] == end_of_legal_day(date(2026, 4, 15))

    await change(resources, date(2026, 4, 13), OFF)
    assert await ends(owner) == before | {window: end_of_legal_day(date(2026, 4, 16))}
    assert not (await read_calendar(resources.db.signing)).is_working_day(date(2026, 4, 13))
    await change(resources, date(2026, 4, 13), None, "қаулы күшін жойды")
    assert await ends(owner) == before
    assert ended in before
    kinds = await owner.fetch("SELECT kind FROM kernel.event ORDER BY event_id")
    assert [k["kind"] for k in kinds] == ["TermsCountedAnew", "CalendarChanged"] * 2


async def test_a_saturday_that_works_never_makes_anybody_late(
    resources: Resources,
    clock: FixedClock,
    calendar: LegalCalendar,
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    clock.advance(timedelta(days=4))  # Friday 10 April
    review = await start(resources, calendar, "d3")
    clock.advance(timedelta(days=2))  # Sunday: yesterday can no longer be made to work
    with pytest.raises(DayInPast):
        await change(resources, date(2026, 4, 11), DayKind.WORKING)
    await change(resources, date(2026, 4, 12), DayKind.WORKING)  # today, said at noon
    assert (await ends(owner))[review] == end_of_legal_day(date(2026, 4, 12))


async def test_what_a_late_process_started_is_caught(
    resources: Resources,
    clock: FixedClock,
    calendar: LegalCalendar,
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    await change(resources, date(2026, 4, 8), OFF)
    late = await start(resources, calendar, "d2")  # by the calendar as it was
    assert await service.count_stragglers(resources) == 1
    assert (await ends(owner))[late] == end_of_legal_day(date(2026, 4, 14))
    assert await service.count_stragglers(resources) == 0
    clock.advance(timedelta(minutes=10))
    await start(resources, calendar, "d2")
    assert await service.count_stragglers(resources) == 0


async def test_unsound_changes_are_refused(resources: Resources) -> None:
    with pytest.raises(DateOutOfRange):
        await change(resources, date(2150, 1, 1), OFF)
    with pytest.raises(DayAlreadySo):
        await change(resources, date(2026, 5, 5), None)
    await change(resources, date(2026, 5, 5), OFF)
    with pytest.raises(DayAlreadySo):
        await change(resources, date(2026, 5, 5), OFF, "the same once more")


async def test_the_history_says_who_and_why(client: Any, resources: Resources) -> None:
    await change(resources, date(2026, 5, 5), OFF, "Қаулы № 7")
    await change(resources, date(2026, 5, 5), DayKind.WORKING, "Қаулы № 8")
    async with client(Role.REGISTRAR, bin=ISSUER_BIN) as http:
        rows = (await http.get("/api/v1/calendar/changes")).json()["items"]
    assert [(r["kind"], r["source"], r["actor"]) for r in rows] == [
        ("WORKING", "Қаулы № 8", "registrar:061211600012"),
        ("DAY_OFF", "Қаулы № 7", "registrar:061211600012"),
    ]
    async with client(Role.ISSUER_HEAD, bin=resources.config.issuer_bin) as http:
        assert (await http.get("/api/v1/calendar/changes")).status_code == 403
        refused = await http.post("/api/v1/calendar/days", json={"document": "e30="})
        assert refused.status_code == 403


async def test_anybody_reads_the_year(client: Any) -> None:
    async with client() as http:
        year = (await http.get("/api/v1/public/calendar/2026")).json()
        assert year["working_days"] == 247  # domain 4.1
        assert "2026-05-27" in year["days_off"]
        assert "2026-08-31" not in year["days_off"]
        refused = await http.get("/api/v1/public/calendar/1999")
        assert refused.json()["code"] == "DATE_OUT_OF_RANGE"
