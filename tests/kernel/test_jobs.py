"""The job queue on the real PostgreSQL: delivered, retried, given up, and delivered after a kill."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from backend.kernel import jobs
from backend.kernel.db import Db, Query

Owner = asyncpg.Connection
Failures = list[tuple[str, int, str]]
QUICK = timedelta(milliseconds=50)


async def until(true: Callable[[], bool], within_s: float = 15) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def working(
    db: Db, handlers: dict[str, jobs.Handler], heartbeat: timedelta = jobs.HEARTBEAT_TIMEOUT
) -> AsyncIterator[Failures]:
    """A worker in this process; what failed while it ran."""
    failures: Failures = []
    queue = jobs.worker(db, handlers, lambda n, a, e: failures.append((n, a, str(e))))
    task = asyncio.create_task(jobs.work(queue, poll=QUICK, heartbeat_timeout=heartbeat))
    try:
        yield failures
    finally:
        queue.shutdown.set()
        await asyncio.wait_for(task, 10)


async def enqueue(db: Db, *args: Any, **options: Any) -> None:
    async with db.transaction() as tx:
        await jobs.enqueue(tx, *args, **options)


async def test_each_job_is_delivered_once_with_its_payload(db_registry: Db) -> None:
    seen: list[Any] = []

    async def take(payload: dict[str, Any]) -> None:
        seen.append(payload["n"])

    async with db_registry.transaction() as tx:
        for n in range(50):
            await jobs.enqueue(tx, "take", {"n": n, "text": "қазақша"})
    async with working(db_registry, {"take": take}), working(db_registry, {"take": take}):
        await until(lambda: len(seen) >= 50)
    assert sorted(seen) == list(range(50))
    assert await jobs.waiting(db_registry) == 0


async def test_a_worker_holds_no_more_than_its_bound(db_registry: Db) -> None:
    running, most, done = 0, 0, 0

    async def slow(_: dict[str, Any]) -> None:
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        done += 1

    async with db_registry.transaction() as tx:
        for _ in range(100):
            await jobs.enqueue(tx, "slow", {})
    async with working(db_registry, {"slow": slow}):
        await until(lambda: done == 100, within_s=30)
    assert 1 < most <= jobs.CONCURRENT_MAX


async def test_what_waits_under_a_key_is_not_queued_twice(db_registry: Db) -> None:
    await enqueue(db_registry, "once", {"n": 1}, dedupe_key="k")
    await enqueue(db_registry, "once", {"n": 2}, dedupe_key="k")
    await enqueue(db_registry, "once", {"n": 3}, dedupe_key="other")
    assert await jobs.waiting(db_registry) == 2


async def test_a_failing_job_is_tried_again(db_registry: Db) -> None:
    attempts = 0

    async def third_time(_: dict[str, Any]) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise RuntimeError("not yet")

    await enqueue(db_registry, "third", {})
    async with working(db_registry, {"third": third_time}) as failures:
        await until(lambda: attempts == 3)
    assert failures == [("third", 0, "not yet"), ("third", 1, "not yet")]
    assert await jobs.dead_letters(db_registry) == []


async def test_a_job_given_up_is_a_dead_letter_and_tells_nothing_personal(
    db_registry: Db, owner: Owner
) -> None:
    async def never(_: dict[str, Any]) -> None:
        raise ValueError("870101300123 Иванов")

    await enqueue(db_registry, "never", {"n": 1})
    await owner.execute("UPDATE jobs.pgqueuer SET attempts = $1", jobs.MAX_ATTEMPTS - 2)
    async with working(db_registry, {"never": never}) as failures:
        await owner.execute("UPDATE jobs.pgqueuer SET execute_after = clock_timestamp()")
        await until(lambda: len(failures) == 1)
        await asyncio.sleep(0.2)
        await owner.execute("UPDATE jobs.pgqueuer SET execute_after = clock_timestamp()")
        await until(lambda: len(failures) == 2)
    (letter,) = await jobs.dead_letters(db_registry)
    assert (letter.name, letter.attempts) == ("never", jobs.MAX_ATTEMPTS - 1)
    assert await jobs.waiting(db_registry) == 0
    kept = await owner.fetchval("SELECT string_agg(traceback::text, '') FROM jobs.pgqueuer_log")
    assert "ValueError" in kept
    assert "870101300123" not in kept
    assert "Иванов" not in kept


async def test_a_job_cut_off_by_the_worker_s_end_is_queued_again(db_registry: Db) -> None:
    begun = asyncio.Event()

    async def endless(_: dict[str, Any]) -> None:
        begun.set()
        await asyncio.Event().wait()

    await enqueue(db_registry, "endless", {})
    queue = jobs.worker(db_registry, {"endless": endless}, lambda *_: None)
    task = asyncio.create_task(jobs.work(queue, poll=QUICK))
    await asyncio.wait_for(begun.wait(), 10)
    queue.shutdown.set()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    status = Query[str]("SELECT status::text FROM jobs.pgqueuer")
    assert await status.all(db_registry) == ["queued"]


DOOMED = """
import asyncio, sys
from datetime import timedelta
from backend.kernel import jobs
from backend.kernel.db import open_db

async def hang(payload):
    print("begun", flush=True)
    await asyncio.Event().wait()

async def main():
    db = await open_db(sys.argv[1], "saqtau_registry")
    await jobs.work(jobs.worker(db, {"pay": hang}, print), poll=timedelta(seconds=0.05))

asyncio.run(main())
"""


async def test_the_job_of_a_killed_worker_is_delivered_again(
    db_registry: Db, database_url: str
) -> None:
    seen: list[Any] = []

    async def take(payload: dict[str, Any]) -> None:
        seen.append(payload["n"])

    await enqueue(db_registry, "pay", {"n": 7})
    doomed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DOOMED, database_url, stdout=asyncio.subprocess.PIPE
    )
    assert doomed.stdout is not None
    assert await asyncio.wait_for(doomed.stdout.readline(), 30) == b"begun\n"
    doomed.send_signal(signal.SIGKILL)
    assert await doomed.wait() == -signal.SIGKILL
    async with working(db_registry, {"pay": take}, heartbeat=timedelta(seconds=1)):
        await until(lambda: seen == [7])
    assert await jobs.waiting(db_registry) == 0


async def test_unreadable_payloads_end_as_dead_letters_too(db_registry: Db, owner: Owner) -> None:
    async def take(_: dict[str, Any]) -> None:
        pytest.fail("it cannot be read")

    await enqueue(db_registry, "take", {})
    await owner.execute(
        "UPDATE jobs.pgqueuer SET payload = 'garbage', attempts = $1", jobs.MAX_ATTEMPTS - 1
    )
    async with working(db_registry, {"take": take}) as failures:
        await until(lambda: bool(failures))
    assert [d.name for d in await jobs.dead_letters(db_registry)] == ["take"]
