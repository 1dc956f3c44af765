"""`entitlement`: everybody judged anew from his receipts, against reading the same rows and grouping them.

How many people: SAQTAU_BENCH_PEOPLE, else as many as a side's seconds allow; 1,000,000 is the whole run.
"""

import os
import time
from datetime import UTC, date, datetime
from typing import Any, ClassVar

import asyncpg

from backend.kernel.clock import FixedClock, legal_midnight
from backend.kernel.db import Db, Query, open_db
from backend.registry.standing import service
from infra.bench.model import BenchFailed, Measured
from infra.bench.scene import Scene

PEOPLE_MAX = 1_000_000
PEOPLE_PER_S = 20_000  # a pass of each side must fit into a round
MONTHS = 24
ON = date(2026, 6, 15)
NEXT = date(2026, 7, 1)
# Seven of ten people are paid for by an employer (a deduction and a contribution a month), one pays
# himself, two have a category; one month in ten is missing, one receipt in fifty was refunded.
_SEED = """
    INSERT INTO registry.person (person_id, region, added_at)
    SELECT md5(i::text)::uuid, 'ALMATY', $2 FROM generate_series(1, $1::int) AS i;
"""
_ACCOUNTS = """
    INSERT INTO registry.account (person_id, status, opened_at, signal_visit_at, signal_mis_at)
    SELECT md5(i::text)::uuid, 'OPEN', $2, $2, $2 FROM generate_series(1, $1::int) AS i
"""
_RECEIPTS = """
    INSERT INTO registry.contribution (
        person_id, contribution_id, paid_on, period, kind, amount_tiyn, payer_bin, source_ref,
        refunded_tiyn, refunded_on
    )
    SELECT md5(i::text)::uuid, gen_random_uuid(),
           least($2::date, ($2::date - make_interval(months => m, days => 5))::date),
           to_char($2::date - make_interval(months => m), 'YYYY-MM'),
           CASE WHEN k = 0 THEN 'contribution' ELSE 'deduction' END, 850000,
           CASE WHEN i % 10 = 7 THEN NULL ELSE '100140000001' END, i || '-' || m || '-' || k,
           CASE WHEN (i + m) % 50 = 0 THEN 850000 ELSE 0 END,
           CASE WHEN (i + m) % 50 = 0 THEN $2::date END
      FROM generate_series(0, $3::int - 1) AS m,
           generate_series(1, $1::int) AS i,
           generate_series(0, CASE WHEN i % 10 < 7 THEN 1 ELSE 0 END) AS k
     WHERE i % 10 < 8 AND (i * 7 + m) % 10 <> 0
"""
_CATEGORIES = """
    INSERT INTO registry.privilege (person_id, category, valid_from, valid_to)
    SELECT md5(i::text)::uuid, CASE WHEN i % 10 = 8 THEN '7' ELSE '13' END, '2024-09-01',
           CASE WHEN i % 10 = 9 THEN date '2026-06-30' END
      FROM generate_series(1, $1::int) AS i
     WHERE i % 10 >= 8
"""
_LIMIT = Query[int](
    """
    SELECT count(*)
      FROM (SELECT person_id, count(*) AS receipts FROM registry.contribution GROUP BY person_id)
        AS grouped
    """
)
_MEMORY = Query[str]("SELECT set_config('work_mem', '96MB', true)")


class Entitlement:
    """A whole recomputation, part by part, as often as fits."""

    name: ClassVar[str] = "entitlement"
    of: ClassVar[str] = "sequential read of the same receipts, grouped by person"
    unit: ClassVar[str] = "persons"
    target: ClassVar[float | None] = None
    higher_is_better: ClassVar[bool] = True

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._db: Db | None = None
        self._url = ""
        self._people = 0
        self._detail: dict[str, Any] = {}

    async def setup(self, seconds: float) -> None:
        """Fill the database as its owner would, and judge everybody for the first time."""
        self._url = await self._scene.database_url("entitlement")
        self._people = int(
            os.environ.get("SAQTAU_BENCH_PEOPLE")
            or min(PEOPLE_MAX, max(2_000, int(seconds * PEOPLE_PER_S)))
        )
        now = datetime.now(UTC)
        owner = await asyncpg.connect(self._url)
        try:
            await owner.execute(
                "SET session_replication_role = replica; SET synchronous_commit = off;"
                "SET search_path = pg_catalog"
            )
            await owner.execute(_SEED, self._people, now)
            await owner.execute(_ACCOUNTS, self._people, now)
            await owner.execute(_RECEIPTS, self._people, ON, MONTHS)
            await owner.execute(_CATEGORIES, self._people)
            await owner.execute("VACUUM ANALYZE")
            self._detail["receipts"] = await owner.fetchval(
                "SELECT count(*) FROM registry.contribution"
            )
            self._db = await open_db(self._url, "saqtau_registry", max_size=4, application="bench")
            began = time.perf_counter()
            await self._judge(ON)
            self._detail["first_per_s"] = self._rate(began, self._people)
            await owner.execute("VACUUM ANALYZE registry.entitlement")
        finally:
            await owner.close()

    async def ours(self, seconds: float) -> Measured:
        """Judge everybody anew from the receipts; what has not changed is not written again."""
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds or not done:
            if (judged := await self._judge(ON)) != self._people:
                raise BenchFailed(f"{judged} persons were judged, not {self._people}")
            done += judged
        return Measured(done=done, elapsed_s=time.perf_counter() - began)

    async def limit(self, seconds: float) -> Measured:
        """Read the receipts and group them, nothing else; in one process, as ours."""
        assert self._db is not None
        began, done = time.perf_counter(), 0
        while time.perf_counter() - began < seconds or not done:
            async with self._db.transaction() as tx:
                await _MEMORY.get(tx)
                await tx.connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")
                await _LIMIT.get(tx)
            done += self._people
        return Measured(done=done, elapsed_s=time.perf_counter() - began)

    async def detail(self, seconds: float) -> dict[str, Any]:
        """The turn of a month: from the months as kept, without a receipt read, all changes stored."""
        assert self._db is not None
        clock = FixedClock(legal_midnight(NEXT))
        began, due = time.perf_counter(), 0
        while taken := await service.judge_due(self._db, clock):
            due += taken
        return self._detail | {
            "people": self._people,
            "due_at_turn_of_month": due,
            "turn_of_month_per_s": self._rate(began, due),
        }

    async def teardown(self) -> None:
        """Close the pool; the database goes with the run."""
        if self._db is not None:
            await self._db.close()
        self._db = None

    async def _judge(self, on: date) -> int:
        assert self._db is not None
        clock = FixedClock(legal_midnight(on))
        run = await service.start(self._db, clock, None)
        await service.recompute(self._db, clock, run.run_id)
        return (await service.find(self._db, run.run_id)).done

    @staticmethod
    def _rate(began: float, done: int) -> int:
        return round(done / (time.perf_counter() - began))
