"""The worker: carries out queued jobs and sweeps for what has fallen due."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from prometheus_client import Counter, start_http_server

from backend.app import wings
from backend.app.resources import open_resources
from backend.kernel import heartbeats, jobs, logs
from backend.kernel.config import Config, ConfigError
from backend.kernel.errors import Refusal
from backend.kernel.resources import Resources
from backend.kernel.simulated_clock import SimulatedClock

log = logs.get("worker")

SWEEP_EVERY_S = 1.0

FAILURES = Counter("saqtau_job_failures", "Failed attempts of jobs", ["job"])


async def run(config: Config) -> None:
    """Work until SIGINT or SIGTERM; running jobs are finished first."""
    wings.subscribe()
    with telling_metrics(config):
        await _work(config)


@contextlib.contextmanager
def telling_metrics(config: Config) -> Iterator[None]:
    """`/metrics` of this process while the block runs, where a port is set: most alarms rest on what a worker finds.

    Raises ConfigError when somebody else listens there.
    """
    if not config.worker_metrics_port:
        yield
        return
    try:
        server, thread = start_http_server(config.worker_metrics_port, addr=config.host)
    except OSError as e:
        raise ConfigError(
            f"SAQTAU_WORKER_METRICS_PORT: {config.host}:{config.worker_metrics_port}: {e.strerror}"
        ) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def _work(config: Config) -> None:
    async with open_resources(config, application="saqtau-worker", background=True) as resources:
        queue = jobs.worker(resources.db.registry, handlers(resources), _failed)
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        sweeping = asyncio.create_task(sweep_for_ever(resources, stop))
        working = asyncio.create_task(jobs.work(queue))
        log.info("worker started")
        await stop.wait()
        queue.shutdown.set()
        await asyncio.wait([working, sweeping], timeout=20)
        for task in (working, sweeping):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        log.info("worker stopped")


def handlers(resources: Resources) -> dict[str, jobs.Handler]:
    """Every wing's jobs, bound to this process's resources."""

    def bound(job: Callable[[Resources, dict[str, Any]], Awaitable[None]]) -> jobs.Handler:
        async def handle(payload: dict[str, Any]) -> None:
            await _follow_clock(resources)
            await job(resources, payload)

        return handle

    return {name: bound(job) for name, job in wings.job_table().items()}


async def sweep_for_ever(resources: Resources, stop: asyncio.Event) -> None:
    """Run every sweep about once a second; one that fails is logged and does not stop the others."""
    sweeps = wings.sweep_table()
    next_beat = 0.0
    while not stop.is_set():
        await _follow_clock(resources)
        failed = set()
        for name, sweep in sweeps.items():
            try:
                await sweep(resources)
            except Exception as e:  # the loop must outlive any one sweep
                failed.add(name)
                _failed(name, 0, e)
        if (now := time.monotonic()) >= next_beat:
            next_beat = now + heartbeats.BEAT_EVERY.total_seconds()
            await _beat(resources, sweeps.keys() - failed, failed)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SWEEP_EVERY_S)


async def _beat(resources: Resources, done: Collection[str], failed: Collection[str]) -> None:
    """Say that the sweeps live; that it cannot be said is what the alarm is for."""
    try:
        await heartbeats.beat(resources.db.registry, done, failed, at=datetime.now(UTC))
    except Exception as e:  # the loop must outlive the database too
        _failed("heartbeat", 0, e)


async def _follow_clock(resources: Resources) -> None:
    if isinstance(resources.clock, SimulatedClock):
        await resources.clock.refresh(resources.db.signing)


def _failed(name: str, attempts: int, error: Exception) -> None:
    FAILURES.labels(name).inc()
    code = error.actual_code if isinstance(error, Refusal) else type(error).__name__
    log.warning("job failed", job=name, attempts=attempts, error=code, exc_info=error)
