"""Policies for millions from one signed order: how fast against the policies alone, and killed on the way.

`.venv/bin/pytest -q -s -m prove tests/registry/order/test_issuance.py` writes docs/proofs/issuance.md.
SAQTAU_ISSUANCE_PEOPLE names the sizes (default 1000000); `1000000,5000000` needs some 25 GB of disk.
"""

import asyncio
import os
import random
import re
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from backend.kernel.actor import Role
from backend.kernel.clock import FixedClock
from backend.kernel.db import Db, open_db
from backend.kernel.resources import Resources
from backend.registry.log.verify import verify
from backend.registry.order import service
from infra.bench import population
from infra.bench.cases import issuance
from infra.sandbox.nca.centre import Centre
from tests.registry.conftest import ISSUER_BIN, Register
from tests.registry.test_signed import HEAD_IIN, body

ROOT = Path(__file__).parents[3]
PROOF = ROOT / "docs" / "proofs" / "issuance.md"
SIZES = tuple(int(n) for n in os.environ.get("SAQTAU_ISSUANCE_PEOPLE", "1000000").split(","))
SEED = int(os.environ.get("SAQTAU_SEED", "20260406"))
KILLS = 10
RATIO_MIN = 0.6
LINEAR_MAX = 1.3
MEMORY_GROWTH_MAX_MB = 50


@pytest.fixture
def centre(clock: FixedClock) -> Centre:
    return Centre.create(b"tests of the registry", clock.now())


@pytest.fixture
async def resources(resources: Resources, centre: Centre, tmp_path: Path) -> Resources:
    """The sandbox centre is trusted."""
    centre.save(tmp_path)
    config = msgspec.structs.replace(resources.config, trust=str(tmp_path / "trust"))
    return msgspec.structs.replace(resources, config=config)


class Measured(msgspec.Struct, frozen=True):
    """One way of making the policies: wall time, and CPU time of the database's processes."""

    seconds: float
    cpu_s: float


class Result(msgspec.Struct, frozen=True):
    """What one size gave. The policies alone, twice: before and after."""

    people: int
    issued: int
    ours: Measured
    alone: tuple[Measured, ...]
    ready: Measured
    kills: int
    memory_mb: tuple[float, float]
    verified: int

    @property
    def ratio(self) -> float:
        """Of wall times."""
        return sum(m.seconds for m in self.alone) / len(self.alone) / self.ours.seconds

    @property
    def cpu_ratio(self) -> float:
        """Of CPU times: steadier where others use the machine."""
        return sum(m.cpu_s for m in self.alone) / len(self.alone) / (self.ours.cpu_s or 1)

    @property
    def ready_ratio(self) -> float:
        """Against rows that lie ready in a table."""
        return self.ready.seconds / self.ours.seconds


async def test_a_sample(
    client: Any,
    centre: Centre,
    clock: FixedClock,
    resources: Resources,
    register: Register,
    owner: Any,
) -> None:
    result = await prove(client, centre, clock, resources, register, owner, people=2_000, kills=1)
    assert result.issued == 1_998


async def test_everybodys_chain_ends_anew_where_it_stood(resources: Resources, owner: Any) -> None:
    """No index entry is written for it, and no page is tidied on the way: there is room."""
    url, people = resources.config.database_url, 4_000
    insured = people - people // population.BLOCKED_EVERY
    await population.populate(url, people)
    db = await open_db(url, "saqtau_registry", min_size=1, max_size=3, application="saqtau-counted")
    await service.run(db, FixedClock(population.NOW), await population.order(url, 2026))
    await db.close()  # a backend that ends tells what it counted
    counted = """
        SELECT sum(n_tup_upd) AS updated, sum(n_tup_hot_upd) AS in_place
          FROM pg_stat_user_tables WHERE relname LIKE 'log_head_p%'
        """
    async with asyncio.timeout(30):
        while (found := await owner.fetchrow(counted))["updated"] != insured:
            await asyncio.sleep(0.05)
    assert found["in_place"] == insured


@pytest.mark.prove
async def test_millions(
    client: Any,
    centre: Centre,
    clock: FixedClock,
    resources: Resources,
    register: Register,
    owner: Any,
    people: int,
) -> None:
    result = await prove(client, centre, clock, resources, register, owner, people, KILLS)
    earlier = _kept()
    _write({**earlier, people: result})
    smaller = [r for r in earlier.values() if r.people < people]
    sys.stdout.write(f"\n{_row(result)}\n")
    assert max(result.ratio, result.cpu_ratio) >= RATIO_MIN
    assert result.memory_mb[1] - result.memory_mb[0] <= MEMORY_GROWTH_MAX_MB
    for other in smaller:
        per_person = result.ours.cpu_s / result.issued, other.ours.cpu_s / other.issued
        assert per_person[0] / per_person[1] <= LINEAR_MAX


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "people" in metafunc.fixturenames:
        metafunc.parametrize("people", SIZES)


async def prove(
    client: Any,
    centre: Centre,
    clock: FixedClock,
    resources: Resources,
    register: Register,
    owner: "asyncpg.Connection[asyncpg.Record]",
    people: int,
    kills: int,
) -> Result:
    """Issue to everybody from one order, measure, then another year's while killing the worker."""
    url = resources.config.database_url
    insured = people - people // population.BLOCKED_EVERY
    await population.populate(url, people)
    await register(ISSUER_BIN, Role.ISSUER_HEAD)
    db = await open_db(
        url, "saqtau_registry", min_size=3, max_size=4, application="saqtau-measured"
    )

    alone = [await _measure(owner, people, lambda: issuance.policies_only(db, 2026))]
    await owner.execute("TRUNCATE registry.policy")

    head = centre.issue_legal(HEAD_IIN, ISSUER_BIN, "ОМАРОВ АСАН", "ҚОР", "head", clock.now())
    document = b'{"operation":"order.issue_policies","year":2026}'
    async with client(Role.ISSUER_HEAD, bin=ISSUER_BIN) as http:
        accepted = await http.post("/api/v1/orders", json=body(head, document, clock))
        assert accepted.status_code == 202, accepted.text
        order_id = UUID(accepted.json()["order_id"])
        seen: list[int] = []
        watching = asyncio.create_task(_watch(resources.db.registry, order_id, seen))
        ours = await _measure(owner, people, lambda: service.run(db, clock, order_id))
        await watching
        refused = (await http.get(f"/api/v1/orders/{order_id}/refusals")).json()
        assert refused["counts"] == [{"reason": "ACCOUNT_BLOCKED", "count": people - insured}]
        again = await http.post("/api/v1/orders", json=body(head, document, clock))
        assert (again.status_code, again.json()["code"]) == (409, "DOCUMENT_ALREADY_USED")
    assert seen == sorted(seen)
    assert seen[-1] == insured
    await service.run(db, clock, order_id)  # delivered again: nothing
    await _require_once(owner, 2026, insured)

    await owner.execute("CREATE TABLE public.kept AS SELECT * FROM registry.policy")
    await owner.execute("TRUNCATE registry.policy")
    alone.append(await _measure(owner, people, lambda: issuance.policies_only(db, 2026)))
    await owner.execute("TRUNCATE registry.policy")
    ready = await _measure(owner, people, lambda: _rows_ready(owner))
    await db.close()

    memory = await _killed_on_the_way(owner, url, 2027, insured, kills)
    verified = await verify(resources.db.registry)
    assert verified.ok, verified
    assert verified.operations == people + 2 * insured + 1  # opened, issued twice; the issuer
    return Result(people, insured, ours, tuple(alone), ready, kills, memory, verified.operations)


async def _require_once(owner: Any, year: int, insured: int) -> None:
    """Each of them has one policy, and one operation that tells of it."""
    counted = await owner.fetchrow(
        """
        SELECT count(*), count(DISTINCT person_id), count(DISTINCT number)
          FROM registry.policy WHERE year = $1 AND status = 'CREDITED'
        """,
        year,
    )
    assert tuple(counted) == (insured,) * 3
    told = await owner.fetchrow(
        """
        SELECT count(*), count(DISTINCT content::jsonb ->> 'policy')
          FROM registry.operation
         WHERE op_type = 'ISSUE' AND content LIKE '%"number":"' || $1::int || '-%'
        """,
        year,
    )
    assert tuple(told) == (insured,) * 2


async def _watch(db: Db, order_id: UUID, seen: list[int]) -> None:
    async for order in service.progress(db, order_id, every_s=0.2, looks=100_000):
        if order is not None:
            seen.append(order.done)


async def _rows_ready(owner: Any) -> None:
    await owner.execute("INSERT INTO registry.policy SELECT * FROM public.kept ORDER BY person_id")
    await owner.execute("DROP TABLE public.kept; TRUNCATE registry.policy")


async def _killed_on_the_way(
    owner: Any, url: str, year: int, insured: int, kills: int
) -> tuple[float, float]:
    """kill -9 at chance moments, then to the end; the last worker's memory early and at its most, MB."""
    chance = random.Random(SEED)
    order_id = await population.order(url, year)
    chunk = min(10_000, max(10, insured // 160))
    for _ in range(kills):
        before = await _done(owner, order_id)
        worker = await _start(url, order_id, chunk)
        more = before + chance.randint(1, max(1, insured // (2 * kills)))
        while await _done(owner, order_id) < min(more, insured - 1):
            assert worker.returncode is None, "a worker ended by itself"
            await asyncio.sleep(0.01)
        worker.kill()
        await worker.wait()
    assert await _done(owner, order_id) < insured
    worker = await _start(url, order_id, chunk)
    sizes: list[float] = []
    while worker.returncode is None:
        if (size := _memory_mb(worker.pid)) is not None:
            sizes.append(size)
        try:
            await asyncio.wait_for(worker.wait(), 0.2)
        except TimeoutError:
            continue
    assert worker.returncode == 0
    assert await _done(owner, order_id) == insured
    await _require_once(owner, year, insured)
    settled = sizes[len(sizes) // 4 :] or [0.0]
    return settled[0], max(settled)


async def _start(url: str, order_id: UUID, chunk: int) -> asyncio.subprocess.Process:
    script = str(Path(__file__).with_name("run_order.py"))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        script,
        url,
        str(order_id),
        str(chunk),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


async def _done(owner: Any, order_id: UUID) -> int:
    done: int = await owner.fetchval(
        "SELECT sum(done)::bigint FROM registry.policy_order_part WHERE order_id = $1", order_id
    )
    return done


async def _measure(owner: Any, people: int, work: Callable[[], Awaitable[object]]) -> Measured:
    if people >= population.MANY:
        await owner.execute("VACUUM (ANALYZE) registry.account, registry.log_head, registry.policy")
        await owner.execute("CHECKPOINT")
    cpu = await _cpu_s(owner)
    began = time.perf_counter()
    await work()
    elapsed = time.perf_counter() - began
    return Measured(elapsed, await _cpu_s(owner) - cpu)


async def _cpu_s(owner: Any) -> float:
    """CPU time so far of the measured pool's database processes, and the owner's; 0 where unknown."""
    pids = await owner.fetch(
        """
        SELECT pid FROM pg_stat_activity
         WHERE application_name = 'saqtau-measured' OR pid = pg_backend_pid()
        """
    )
    return sum(_process_cpu_s(pid) for (pid,) in pids)


def _process_cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    found = [line for line in lines if line.startswith("VmRSS:")]
    return int(found[0].split()[1]) / 1024 if found else None


# --- the proof kept ---------------------------------------------------------------------------------

_HEAD = (
    "| people | issued | ours, s | per s | policies alone, s | ratio | CPU ratio | rows ready | "
    "µs a policy, CPU | kills | memory, MB | log verified |"
)


def _row(r: Result) -> str:
    alone = ", ".join(f"{m.seconds:.1f}" for m in r.alone)
    return (
        f"| {r.people:,} | {r.issued:,} | {r.ours.seconds:.1f} | {r.issued / r.ours.seconds:,.0f} "
        f"| {alone} | {r.ratio:.2f} | {r.cpu_ratio:.2f} | {r.ready_ratio:.2f} "
        f"| {r.ours.cpu_s / r.issued * 1e6:.1f} | {r.kills} "
        f"| {r.memory_mb[0]:.0f} to {r.memory_mb[1]:.0f} | {r.verified:,} |"
    )


def _kept() -> dict[int, Result]:
    """The results of other sizes, as the page keeps them."""
    text = PROOF.read_text() if PROOF.exists() else ""
    found = re.findall(r"^<!-- result (.*) -->$", text, re.MULTILINE)
    results = [msgspec.json.decode(line, type=Result) for line in found]
    return {r.people: r for r in results}


def _write(results: dict[int, Result]) -> None:
    ordered = sorted(results.values(), key=lambda r: r.people)
    rows = [_row(r) for r in ordered]
    raw = "\n".join(f"<!-- result {msgspec.json.encode(r).decode()} -->" for r in ordered)
    text = PROOF.read_text() if PROOF.exists() else "<!-- table -->\n<!-- end -->\n"
    before, _, rest = text.partition("<!-- table -->")
    after = rest.partition("<!-- end -->")[2]
    table = "\n".join([_HEAD, "|" + " --- |" * _HEAD.count(" | ") + " --- |", *rows])
    PROOF.write_text(
        f"{before}<!-- table -->\n\nSeed {SEED}.\n\n{table}\n\n{raw}\n\n<!-- end -->{after}"
    )
