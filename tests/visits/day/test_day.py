"""A visit day as it goes: counted exactly, told when it changes, to the own clinic alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.visits.checkin import service as checkin
from backend.visits.checkin.model import CheckIn, Grade, Place
from backend.visits.code.errors import FacilityNotFound
from backend.visits.day import rules, service
from backend.visits.day.errors import DayWatchedTooMuch
from backend.visits.day.model import Day, DayCell
from tests.visits.checkin.test_service import issue
from tests.visits.conftest import AIGUL, BOLAT, CLERK, FACILITY, OTHER_CLERK, citizen

NINE = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)


def test_the_day_is_folded_from_its_cells() -> None:
    cells = [
        DayCell(FACILITY, Grade.QR_ONLY, 9, 3, 1, 2, NINE),
        DayCell(FACILITY, Grade.NONE, 9, 2, 0, 0, NINE + timedelta(minutes=5)),
        DayCell(FACILITY, Grade.QR_ONLY, 23, 1, 1, 1, NINE - timedelta(hours=1)),
    ]
    day = rules.day(FACILITY, "№ 7", date(2026, 4, 6), cells)
    assert (day.visits, day.without_qr, day.near, day.far) == (6, 2, 2, 1)
    assert day.by_grade == {"QR_BIOMETRIC": 0, "QR_DOCUMENT": 0, "QR_ONLY": 4, "NONE": 2}
    assert (day.by_hour[9], day.by_hour[23], sum(day.by_hour)) == (5, 1, 6)
    assert day.last_at == NINE + timedelta(minutes=5)
    empty = rules.day(FACILITY, "№ 7", date(2026, 4, 6), [])
    assert (empty.visits, empty.last_at, empty.by_hour) == (0, None, [0] * 24)


async def told(days: AsyncIterator[Day | None]) -> Day:
    """The next day that is told."""
    async with asyncio.timeout(30):
        async for day in days:
            if day is not None:
                return day
    raise AssertionError("the stream has ended")


@pytest.mark.usefixtures("clinics", "citizens")
async def test_who_watches_is_told_of_each_change_and_of_the_next_day(
    resources: Resources, db_visits: Db, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "POLL_S", 0.02)
    with pytest.raises(FacilityNotFound):
        await service.today(db_visits, clock, OTHER_CLERK, FACILITY)
    code = (await issue(resources, FACILITY)).code
    first = await service.today(db_visits, clock, CLERK, FACILITY)
    watchers = [service.follow(db_visits, clock, first) for _ in range(2)]
    assert [(await told(w)).visits for w in watchers] == [0, 0]
    clock.set(datetime(2026, 4, 6, 18, 59, tzinfo=UTC))  # 23:59 of 6 April
    for person, place in ((AIGUL, Place(43.2, 76.9, 20)), (BOLAT, Place(51.2, 71.4, 20))):
        await checkin.check_in(db_visits, clock, citizen(person), CheckIn(code, place=place))
    for watcher in watchers:
        day = await told(watcher)
        while day.visits < 2:
            day = await told(watcher)
        assert (day.by_hour[23], day.near, day.far) == (2, 1, 1)
        assert day == await service.today(db_visits, clock, CLERK, FACILITY)
    clock.advance(timedelta(minutes=1))
    for watcher in watchers:
        after = await told(watcher)
        assert (after.visit_date, after.visits) == (date(2026, 4, 7), 0)
        await watcher.aclose()  # type: ignore[attr-defined]


async def test_a_process_has_so_many_watchers_and_no_more(
    db_visits: Db, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "WATCHERS_MAX", 1)
    first = rules.day(UUID(int=1), "x", date(2026, 4, 6), [])
    one = service.follow(db_visits, clock, first)
    assert await told(one) == first
    with pytest.raises(DayWatchedTooMuch):
        await told(service.follow(db_visits, clock, first))
    await one.aclose()  # type: ignore[attr-defined]
    again = service.follow(db_visits, clock, first)
    assert await told(again) == first
    await again.aclose()  # type: ignore[attr-defined]
