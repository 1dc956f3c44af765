"""`status-mixed`: 1,000 citizens a second ask whether they are insured while the country works (issue 7).

At the same time 200 people a second check in at clinics, and one order issues policies to a hundred thousand
on the same PostgreSQL. The limit is the same thousand a second alone. The ratio says that everybody is answered;
what is asked of it is in the detail: `p99_over_p50` while the country works, at most 5.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import msgspec

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db, open_db
from backend.registry.order import service as orders
from infra.bench import population
from infra.bench.cases import checkin, status
from infra.bench.client import Driver, Requests
from infra.bench.harness import require_sound, rounded
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene
from infra.bench.wire import head

READS_PER_S = 1_000
CHECKINS_PER_S = 200
PEOPLE = 100_000
LANES = 1


class StatusMixed:
    """Reads at a fixed rate, alone and beside writes and a bulk order."""

    name: ClassVar[str] = "status-mixed"
    of: ClassVar[str] = "the same rate alone"
    unit: ClassVar[str] = "requests"
    target: ClassVar[float | None] = 0.95
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._reads: Driver | None = None
        self._writes: Driver | None = None
        self._db: Db | None = None
        self._url = ""
        self._year = 2026
        self._loaded: list[Measured] = []
        self._alone: list[Measured] = []

    async def setup(self, seconds: float) -> None:
        """The seeded country and its service; people to be issued policies, on the same server."""
        service = await self._scene.service()
        tokens, codes = service.country.tokens, service.country.codes
        reads = [head("GET", status.PATH, token) for token in tokens]
        bodies = [msgspec.json.encode({"code": code}) for code in codes]
        writes = [head("POST", checkin.PATH, token, len(bodies[0])) for token in tokens]
        self._reads = Driver(Requests(port=service.port, heads=reads), service.pid)
        self._writes = Driver(
            Requests(port=service.port, heads=writes, bodies=bodies, expect=201), service.pid
        )
        self._url = await self._scene.database_url("mixed")
        await population.populate(self._url, min(PEOPLE, max(2_000, int(seconds * 20_000))))
        self._db = await open_db(
            self._url,
            "saqtau_registry",
            min_size=LANES,
            max_size=LANES + 1,
            application="bench",
            background=True,  # as the worker's
        )

    async def ours(self, seconds: float) -> Measured:
        """While the country works."""
        async with self._at_work(seconds):
            measured = await self._read(seconds)
        self._loaded.append(measured)
        return measured

    async def limit(self, seconds: float) -> Measured:
        """Alone."""
        measured = await self._read(seconds)
        self._alone.append(measured)
        return measured

    async def detail(self, seconds: float) -> dict[str, Any]:
        """Latencies of all rounds, of the middle one; what ran beside."""
        return {
            **_told("while_at_work", self._loaded),
            **_told("alone", self._alone),
            "checkins_per_s": CHECKINS_PER_S,
            "lanes_of_issuance": LANES,
        }

    async def teardown(self) -> None:
        """Close the pool; the databases go with the run."""
        if self._db is not None:
            await self._db.close()
        self._reads = self._writes = self._db = None
        self._loaded, self._alone = [], []

    async def _read(self, seconds: float) -> Measured:
        assert self._reads is not None
        measured = await self._reads.drive(seconds, arrivals_per_s=READS_PER_S)
        require_sound(f"reads at {READS_PER_S}/s", measured)
        return measured

    @asynccontextmanager
    async def _at_work(self, seconds: float) -> AsyncIterator[None]:
        assert self._writes is not None
        over = asyncio.Event()
        issuing = asyncio.create_task(self._issue(over))
        checking = asyncio.create_task(
            self._writes.drive(seconds, connections=8, arrivals_per_s=CHECKINS_PER_S)
        )
        try:
            yield
        finally:
            over.set()
            require_sound("check-ins", await checking)
            if not await issuing:
                raise BenchFailed("no order was carried out beside the reads")

    async def _issue(self, over: asyncio.Event) -> int:
        """Orders, one after another, until the reads are over; how many were carried out."""
        assert self._db is not None
        done = 0
        while not over.is_set():
            self._year += 1
            order_id = await population.order(self._url, self._year)
            await orders.run(self._db, FixedClock(population.NOW), order_id, lanes=LANES)
            done += 1
        return done


def _told(name: str, rounds: list[Measured]) -> dict[str, Any]:
    kept = sorted(
        (m.p99_ms / m.p50_ms, m.p50_ms, m.p99_ms)
        for m in rounds
        if m.p50_ms is not None and m.p99_ms is not None
    )
    if not kept:
        return {}
    ratio, p50_ms, p99_ms = kept[len(kept) // 2]
    return {
        f"p99_over_p50_{name}": rounded(ratio),
        f"p50_ms_{name}": rounded(p50_ms),
        f"p99_ms_{name}": rounded(p99_ms),
    }
