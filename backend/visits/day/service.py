"""A facility's day now, and as it changes.

A hundred open pages of a clinic cost what one costs (kernel/hub.py).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from uuid import UUID
from weakref import WeakKeyDictionary

from backend.kernel.actor import Actor
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db
from backend.kernel.hub import Hub
from backend.registry.facility import service as facilities
from backend.visits.code import service as codes
from backend.visits.code.errors import FacilityNotFound
from backend.visits.day import queries, rules
from backend.visits.day.errors import DayWatchedTooMuch
from backend.visits.day.model import Day, DayCell

POLL_S = 1.0
PING_S = 15.0  # proxies close a stream that says nothing
STREAM_MAX_S = 900.0  # then the page asks again, and shows its session again
WATCHERS_MAX = 1_000  # of one process


async def today(db: Db, clock: Clock, actor: Actor, facility_id: UUID) -> Day:
    """Today at an own facility. Raises FacilityNotFound."""
    await codes.require_own(db, actor, facility_id)
    facility = await facilities.find(db, facility_id)
    if facility is None:
        raise FacilityNotFound
    day = legal_date(clock.now())
    return rules.day(facility_id, facility.name, day, await _cells(db, [facility_id], day))


def require_room(db: Db, clock: Clock) -> None:
    """Raise DayWatchedTooMuch when nobody else can follow a day."""
    _hub(db, clock).require_room()


async def follow(
    db: Db, clock: Clock, first: Day, *, seconds: float = STREAM_MAX_S
) -> AsyncIterator[Day | None]:
    """The day now, each time it has changed, and the next one after midnight; None to keep alive.

    Raises DayWatchedTooMuch.
    """
    hub = _hub(db, clock)
    with hub.watching(first.facility_id):
        yield first
        quiet_s = 0.0
        seen = first
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            read = await hub.next(seen.facility_id)
            now = seen if read is None else rules.day(seen.facility_id, seen.facility, *read)
            if now != seen:
                quiet_s, seen = 0.0, now
                yield now
            else:
                quiet_s += POLL_S
                if quiet_s >= PING_S:
                    quiet_s = 0.0
                    yield None


async def _cells(db: Db, watched: Sequence[UUID], day: date) -> list[DayCell]:
    return await queries.CELLS.all(db, list(watched), day, rules.NEAR_M, rules.UNSURE_MAX_M)


_DayCells = tuple[date, list[DayCell]]
_hubs: WeakKeyDictionary[Db, Hub[UUID, _DayCells]] = WeakKeyDictionary()


def _hub(db: Db, clock: Clock) -> Hub[UUID, _DayCells]:
    async def read(watched: Sequence[UUID]) -> Mapping[UUID, _DayCells]:
        day = legal_date(clock.now())
        cells: dict[UUID, _DayCells] = {facility_id: (day, []) for facility_id in watched}
        for cell in await _cells(db, watched, day):
            cells[cell.facility_id][1].append(cell)
        return cells

    if db not in _hubs:
        _hubs[db] = Hub(read, every_s=POLL_S, watchers_max=WATCHERS_MAX, too_many=DayWatchedTooMuch)
    return _hubs[db]
