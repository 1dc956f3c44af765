"""A facility's day now, and as it changes.

One task of the process asks the database about every facility somebody watches, in one statement a
second: a hundred open pages of a clinic cost what one costs.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import date
from uuid import UUID
from weakref import WeakKeyDictionary

from backend.kernel import logs
from backend.kernel.actor import Actor
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db
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
log = logs.get("visits.day")


async def today(db: Db, clock: Clock, actor: Actor, facility_id: UUID) -> Day:
    """Today at an own facility. Raises FacilityNotFound."""
    await codes.require_own(db, actor, facility_id)
    facility = await facilities.find(db, facility_id)
    if facility is None:
        raise FacilityNotFound
    day = legal_date(clock.now())
    return rules.day(facility_id, facility.name, day, await _cells(db, [facility_id], day))


async def follow(
    db: Db, clock: Clock, first: Day, *, seconds: float = STREAM_MAX_S
) -> AsyncIterator[Day | None]:
    """The day now, each time it has changed, and the next one after midnight; None to keep alive.

    Raises DayWatchedTooMuch.
    """
    hub = _hub(db, clock)
    hub.enter(first.facility_id)
    try:
        yield first
        quiet_s = 0.0
        seen = first
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            await hub.polled()
            now = hub.day_of(seen)
            if now != seen:
                quiet_s, seen = 0.0, now
                yield now
            else:
                quiet_s += POLL_S
                if quiet_s >= PING_S:
                    quiet_s = 0.0
                    yield None
    finally:
        hub.leave(first.facility_id)


async def _cells(db: Db, watched: Sequence[UUID], day: date) -> list[DayCell]:
    return await queries.CELLS.all(db, list(watched), day, rules.NEAR_M, rules.UNSURE_MAX_M)


class _Hub:
    def __init__(self, db: Db, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._watched: Counter[UUID] = Counter()
        self._cells: dict[UUID, list[DayCell]] = {}
        self._day: date | None = None
        self._next: asyncio.Future[None] | None = None
        self._task: asyncio.Task[None] | None = None

    def enter(self, facility_id: UUID) -> None:
        if self._watched.total() >= WATCHERS_MAX:
            raise DayWatchedTooMuch
        self._watched[facility_id] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())

    def leave(self, facility_id: UUID) -> None:
        self._watched[facility_id] -= 1
        if self._watched[facility_id] <= 0:
            del self._watched[facility_id]
            self._cells.pop(facility_id, None)
        if not self._watched and self._task is not None:
            self._task.cancel()
            self._task = None

    async def polled(self) -> None:
        """Until the database was asked the next time."""
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._next)

    def day_of(self, seen: Day) -> Day:
        """As last read; `seen` itself before the first reading."""
        cells = self._cells.get(seen.facility_id)
        if cells is None or self._day is None:
            return seen
        return rules.day(seen.facility_id, seen.facility, self._day, cells)

    async def _poll(self) -> None:
        while self._watched:
            await asyncio.sleep(POLL_S)
            watched, day = list(self._watched), legal_date(self._clock.now())
            try:
                read = await _cells(self._db, watched, day)
            except Exception as e:  # the store is away: the pages wait on
                log.warning("days not read", error=type(e).__name__)
            else:
                cells: dict[UUID, list[DayCell]] = {facility_id: [] for facility_id in watched}
                for cell in read:
                    cells[cell.facility_id].append(cell)
                self._cells, self._day = cells, day
            waiting, self._next = self._next, None
            if waiting is not None and not waiting.done():
                waiting.set_result(None)


_hubs: WeakKeyDictionary[Db, _Hub] = WeakKeyDictionary()


def _hub(db: Db, clock: Clock) -> _Hub:
    if db not in _hubs:
        _hubs[db] = _Hub(db, clock)
    return _hubs[db]
