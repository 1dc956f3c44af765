"""The durable job queue: PgQueuer on our PostgreSQL (docs/adr/0004-job-queue.md).

A job is queued in the caller's transaction: it exists exactly when the change that wants it does.
It is delivered at least once, so every job must be safe to run twice. A job that keeps failing is
kept as `failed`: the dead letters, shown by `dead_letters` and counted in the metrics.

The queue's own log keeps the kind of an error only: an error's text may quote what a person wrote.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pgqueuer import AsyncpgDriver, AsyncpgPoolDriver, PgQueuer, Queries
from pgqueuer.adapters.persistence import qb
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job
from pgqueuer.domain.settings import DBSettings

from backend.kernel.db import Db, Query, Tx
from backend.kernel.resources import Resources

MAX_ATTEMPTS = 8
BATCH = 10
CONCURRENT_MAX = 2 * BATCH  # of one worker: it holds no more jobs than it can soon carry out
POLL = timedelta(seconds=0.5)  # NOTIFY wakes the worker sooner
HEARTBEAT_TIMEOUT = timedelta(seconds=15)  # a worker silent for so long is dead
_CANCEL_AGAIN_S = 0.2
_FIRST_DELAY = timedelta(seconds=0.5)
_MAX_DELAY = timedelta(minutes=5)

Handler = Callable[[dict[str, Any]], Awaitable[None]]

# What a wing's `jobs.py` offers: job name -> coroutine of the process's resources and the payload;
# sweep name -> coroutine run about once a second, which asks the clock what is due.
JobTable = dict[str, Callable[[Resources, dict[str, Any]], Awaitable[None]]]
SweepTable = dict[str, Callable[[Resources], Awaitable[None]]]

_SETTINGS = DBSettings(db_schema="jobs")
_QBE = qb.QueryBuilderEnvironment(settings=_SETTINGS)
_QBQ = qb.QueryQueueBuilder(settings=_SETTINGS)
_QBS = qb.QuerySchedulerBuilder(settings=_SETTINGS)


class JobGivenUp(Exception):
    """The last attempt failed; named by the kind of error alone."""


class DeadLetter(msgspec.Struct, frozen=True):
    """A job given up after MAX_ATTEMPTS, waiting for a person."""

    job_id: int
    name: str
    attempts: int
    failed_at: datetime


DEAD_LETTERS = Query[DeadLetter](
    """
    SELECT id AS job_id, entrypoint AS name, attempts, updated AS failed_at
      FROM jobs.pgqueuer
     WHERE status = 'failed'
     ORDER BY id DESC
     LIMIT $1
    """
)
WAITING = Query[int]("SELECT count(*) FROM jobs.pgqueuer WHERE status IN ('queued', 'picked')")


def _queries(driver: Any) -> Queries:
    return Queries(driver, qbe=_QBE, qbq=_QBQ, qbs=_QBS)


async def enqueue(
    tx: Tx, name: str, payload: dict[str, Any], *, dedupe_key: str | None = None, priority: int = 0
) -> None:
    """Queue the job `name` in the caller's transaction.

    With `dedupe_key`, a job of the same key that waits or runs is not queued twice: use it only
    where the running job would see what the new one was to see.
    """
    await _queries(AsyncpgDriver(tx.connection)).enqueue(
        [name],
        [msgspec.json.encode(payload)],
        [priority],
        dedupe_key=[dedupe_key],
        on_conflict="skip",
    )


async def enqueue_many(
    tx: Tx,
    wanted: Sequence[tuple[str, dict[str, Any]]],
    *,
    dedupe_keys: Sequence[str] | None = None,
) -> None:
    """Queue (name, payload) after (name, payload) in the caller's transaction, in one statement.

    `dedupe_keys`, one for each, as in `enqueue`.
    """
    if not wanted:
        return
    await _queries(AsyncpgDriver(tx.connection)).enqueue(
        [name for name, _ in wanted],
        [msgspec.json.encode(payload) for _, payload in wanted],
        [0] * len(wanted),
        dedupe_key=None if dedupe_keys is None else list(dedupe_keys),
        on_conflict="skip",
    )


async def dead_letters(db: Db, limit: int = 100) -> list[DeadLetter]:
    """The newest jobs given up, for the operator's view."""
    return await DEAD_LETTERS.all(db, limit)


async def waiting(db: Db) -> int:
    """How many jobs are queued or running now."""
    return await WAITING.get(db)


def worker(
    db: Db, handlers: dict[str, Handler], on_failure: Callable[[str, int, Exception], None]
) -> PgQueuer:
    """A queue worker for `handlers`: name -> coroutine of the payload.

    A failing job is tried again with growing pauses, MAX_ATTEMPTS times, then kept as dead letter.
    `on_failure(name, attempts, error)` is told of every failure.
    """
    driver = AsyncpgPoolDriver(db.pool)
    queuer = PgQueuer(connection=driver, queries=_queries(driver))
    for name, handler in handlers.items():
        queuer.entrypoint(name, on_failure="hold")(_guarded(name, handler, on_failure))
    return queuer


async def work(
    queue: PgQueuer,
    *,
    poll: timedelta = POLL,
    heartbeat_timeout: timedelta = HEARTBEAT_TIMEOUT,
) -> None:
    """Carry out jobs until `queue.shutdown` is set; those begun are finished first.

    Cancelled, it cuts the running jobs off and queues them again. Jobs of a worker that has been
    silent for `heartbeat_timeout` are taken over.
    """
    running = asyncio.create_task(
        queue.run(
            dequeue_timeout=poll,
            batch_size=BATCH,
            max_concurrent_tasks=CONCURRENT_MAX,
            heartbeat_timeout=heartbeat_timeout,
        )
    )
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        # PgQueuer takes the first cancellation for itself and waits for its jobs: ask until it ends.
        while not running.done():
            running.cancel()
            await asyncio.wait({running}, timeout=_CANCEL_AGAIN_S)
        raise


def _guarded(
    name: str, handler: Handler, on_failure: Callable[[str, int, Exception], None]
) -> Callable[[Job], Awaitable[None]]:
    async def run(job: Job) -> None:
        try:
            await handler(msgspec.json.decode(job.payload or b"{}"))
        except asyncio.CancelledError:
            # The worker stops before the job is done: another shall do it (PgQueuer would drop it).
            raise RetryRequested(delay=timedelta(0), reason="worker stopped") from None
        except Exception as e:
            on_failure(name, job.attempts, e)
            kind = type(e).__name__
            if job.attempts + 1 >= MAX_ATTEMPTS:
                raise JobGivenUp(kind) from None
            delay = min(_FIRST_DELAY * 2**job.attempts, _MAX_DELAY)
            raise RetryRequested(delay=delay, reason=kind) from None

    return run
