"""`issuance`: policies issued by an order, with their log, against the policies alone.

The limit is the INSERT .. SELECT of the same policies: the same people chosen and judged, the same
executors, numbers and constraints, on as many connections; without operations, chains of hashes, refusals
and chunks that can be begun again.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID, uuid4

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db, open_db
from backend.registry.order import service
from backend.registry.order.queries import issue
from backend.registry.order.rules import FIRST, LAST, PARTS
from backend.registry.policy.model import RULE_SET, TARIFF_SET
from infra.bench import population
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene

PEOPLE_MAX = 100_000
PEOPLE_PER_S = 20_000  # so many at the most for each second of a side: one order must fit
FIRST_YEAR = 2026
LANES = 2


class Issuance:
    """Everybody gets a policy of a year of its own in each round."""

    name: ClassVar[str] = "issuance"
    of: ClassVar[str] = "policy-only INSERT .. SELECT of the same, same connections"
    unit: ClassVar[str] = "policies"
    target: ClassVar[float | None] = 0.6
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._db: Db | None = None
        self._url = ""
        self._people = 0
        self._year = FIRST_YEAR

    async def setup(self, seconds: float) -> None:
        """People, and a pool as the worker's."""
        self._url = await self._scene.database_url("issuance")
        self._people = min(PEOPLE_MAX, max(2_000, int(seconds * PEOPLE_PER_S)))
        await population.populate(self._url, self._people)
        self._db = await open_db(
            self._url, "saqtau_registry", min_size=LANES, max_size=LANES + 1, application="bench"
        )

    async def ours(self, seconds: float) -> Measured:
        """One order to its end, however long it takes."""
        assert self._db is not None
        order_id = await population.order(self._url, self._next_year())
        began = time.perf_counter()
        await service.run(self._db, FixedClock(population.NOW), order_id, lanes=LANES)
        elapsed = time.perf_counter() - began
        order = await service.find(self._db, order_id)
        if order.done != self.insured:
            raise BenchFailed(f"issuance: {order.done} policies for {self.insured} people")
        return Measured(done=order.done, elapsed_s=elapsed)

    async def limit(self, seconds: float) -> Measured:
        """The policies and nothing else."""
        assert self._db is not None
        year = self._next_year()
        began = time.perf_counter()
        await policies_only(self._db, year)
        return Measured(done=self.insured, elapsed_s=time.perf_counter() - began)

    @property
    def insured(self) -> int:
        """Those with an open account."""
        return self._people - self._people // population.BLOCKED_EVERY

    async def detail(self, seconds: float) -> dict[str, Any]:
        """How many people there are."""
        return {"people": self._people, "connections": LANES}

    async def teardown(self) -> None:
        """Close the pool; the database goes with the run."""
        if self._db is not None:
            await self._db.close()
        self._db, self._year = None, FIRST_YEAR

    def _next_year(self) -> int:
        self._year += 1
        return self._year


async def policies_only(db: Db, year: int, *, lanes: int = LANES) -> None:
    """The policies of `year` for everybody by INSERT .. SELECT, a statement for each partition."""
    await _by_parts(db, year, uuid4(), list(range(PARTS)), lanes)


async def _by_parts(db: Db, year: int, order_id: UUID, parts: list[int], lanes: int) -> None:
    async def lane() -> None:
        while parts:
            part = parts.pop()
            async with db.transaction() as tx:
                await issue.PLAN.get(tx)
                # many people in one statement: no limit of time
                await tx.connection.execute("SET LOCAL statement_timeout = 0")
                await issue.POLICIES_ONLY[part].run(tx, *_given(year, order_id))

    await asyncio.gather(*(lane() for _ in range(lanes)))


def _given(year: int, order_id: UUID) -> Sequence[object]:
    return (
        FIRST,
        LAST,
        None,
        None,
        None,
        population.DAY,
        year,
        max(population.DAY, date(year, 1, 1)),
        date(year, 12, 31),
        TARIFF_SET,
        RULE_SET,
        order_id,
        population.ACTOR,
        population.NOW,
        True,
        [],
        [],
        False,
    )
