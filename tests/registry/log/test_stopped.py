"""The log's sealer and signer stand still for ten minutes, and nobody who writes notices (FAULTS 26).

Both locks are held all the while by a transaction that does not move: worse than a worker that died.
"""

import asyncio
import os
import statistics
import time
from datetime import timedelta
from pathlib import Path

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.registry.log import jobs, queries, tree
from backend.registry.log.verify import verify
from tests.registry.log.conftest import MANY, Write

PAGE = Path(__file__).parents[3] / "docs" / "proofs" / "log-stopped.md"
AT_ONCE = 10  # operations of one transaction
RATIO_MAX, RSS_GROWTH_MAX = 2.0, 20_000_000
SIZES = [
    pytest.param(0.5, 1.0, id="a second"),
    pytest.param(60.0, 600.0, id="ten minutes", marks=pytest.mark.prove),
]


def resident() -> int:
    """Octets of memory this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def writing(write: Write, seconds: float) -> list[float]:
    """How long each transaction took, for so long one after another."""
    until, took = time.perf_counter() + seconds, []
    n = 0
    while (began := time.perf_counter()) < until:
        await write(*[MANY[(n + i) % len(MANY)] for i in range(AT_ONCE)])
        took.append(time.perf_counter() - began)
        n += AT_ONCE
    return took


def p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


@pytest.mark.parametrize(("beside", "stopped"), SIZES)
async def test_writes_go_on_while_sealer_and_signer_stand_still(
    resources: Resources, clock: FixedClock, write: Write, beside: float, stopped: float
) -> None:
    db = resources.db.registry
    await writing(write, beside / 2)  # statements are prepared, pages are there
    await tree.seal_all(db)
    await jobs.sign_head(resources)
    before = await writing(write, beside)
    await tree.seal_all(db)
    rss = resident()
    async with db.transaction() as tx:
        await tx.connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        assert await queries.TRY_SEALER.get(tx)
        assert await queries.TRY_SIGNER.get(tx)
        during = await writing(write, stopped)
        assert await tree.seal(db) == 0
        clock.advance(timedelta(minutes=10))
        await jobs.watch(resources)
        backlog = jobs.BACKLOG._value.get()
        assert (backlog, jobs.ALARM._value.get()) == (AT_ONCE * len(during), 0)
    grown = resident() - rss
    # ten minutes are nothing to the alarm: it rises at seven tenths of the promised day
    clock.advance(timedelta(hours=17))
    await jobs.watch(resources)
    assert jobs.ALARM._value.get() == 1
    began = time.perf_counter()
    while await tree.seal(db):
        await asyncio.sleep(0)
    drained = time.perf_counter() - began
    await jobs.sign_head(resources)
    await jobs.watch(resources)
    assert (jobs.BACKLOG._value.get(), jobs.ALARM._value.get()) == (0, 0)
    after = await writing(write, beside)
    await tree.seal_all(db)
    found = await verify(db)
    wrote = AT_ONCE * (len(before) + len(during) + len(after))
    assert found.ok
    assert found.sealed >= wrote

    free = [*before, *after]
    assert statistics.median(during) <= RATIO_MAX * statistics.median(free)
    if stopped < 600:
        return
    ratio = p95(during) / p95(free)
    assert ratio <= RATIO_MAX
    assert grown < RSS_GROWTH_MAX
    rows = [
        ("stood still, s", f"{stopped:,.0f}"),
        (f"transactions of {AT_ONCE} operations meanwhile", f"{len(during):,}"),
        ("p95 of a write meanwhile to before and after (allowed 2)", f"{ratio:.2f}"),
        ("backlog, operations", f"{backlog:,.0f}"),
        ("drained in, of the time it grew", f"{drained / stopped:.3f}"),
        ("memory grown, MB (allowed 20)", f"{grown / 1e6:.1f}"),
    ]
    table = "".join(f"| {name} | {value} |\n" for name, value in rows)
    text = f"# The log's sealer and signer stand still (FAULTS 26)\n\n`{Path(__file__).name}`, `make prove`. The alarm rose at 70 % of the promised day.\n\n| | |\n|---|---|\n{table}"
    await asyncio.to_thread(PAGE.write_text, text, encoding="utf-8")
