"""What a process needs open: one pool per database role, the clock, the keyring, Valkey, HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
import httpx
import redis.asyncio as redis

from backend.kernel import keys, logs
from backend.kernel.calendar import CalendarDay, LegalCalendar
from backend.kernel.clock import Clock, SystemClock, require_tzdata
from backend.kernel.config import Config, ConfigError, Mode
from backend.kernel.db import Db, Query, open_db
from backend.kernel.processes import Processes
from backend.kernel.resources import Databases, Resources
from backend.kernel.sealing import Keyring
from backend.kernel.simulated_clock import READ as SIMULATED
from backend.kernel.simulated_clock import SimulatedClock

WINGS = ("signing", "registry", "visits", "allocation", "payments", "egov")
CALENDAR_EVERY_S = 5.0  # a change of the calendar is known to every process so soon
PLAN_ONCE = frozenset({"visits", "egov"})  # their statements are about one person each


log = logs.get("resources")

OVERRIDES = Query[CalendarDay]("SELECT day, kind, source FROM kernel.calendar_day ORDER BY day")


@asynccontextmanager
async def open_resources(
    config: Config,
    *,
    application: str,
    verifiers: Processes | None = None,
    background: bool = False,
) -> AsyncIterator[Resources]:
    """Open what a process needs; closed in reverse order. Raises ConfigError (a wrong
    or incomplete `SAQTAU_SECRET` too), TzdataTooOld.

    `background`: nobody waits for this process (kernel/priority.py).
    `verifiers` are started here, and waited for until they are warm; WorkerFailed when they are not.
    """
    require_tzdata()
    async with AsyncExitStack() as stack:
        pools: dict[str, Db] = {}
        for wing in WINGS:
            pool = await open_db(
                config.database_url,
                f"saqtau_{wing}",
                max_size=config.db_pool_max,
                application=f"{application}/{wing}",
                plan_once=wing in PLAN_ONCE,
                background=background,
            )
            stack.push_async_callback(pool.close)
            pools[wing] = pool
        databases = Databases(**pools)
        clock = await _clock(config, databases.signing)
        ring = Keyring.from_secret(config.secret)
        keyring = await keys.load(databases.registry, ring, at=clock.now())
        valkey = redis.from_url(config.valkey_url)
        stack.push_async_callback(valkey.aclose)
        http = httpx.AsyncClient(
            timeout=config.source_timeout_s,
            limits=httpx.Limits(max_connections=64),
            trust_env=False,
        )
        stack.push_async_callback(http.aclose)
        calendar = await read_calendar(databases.signing)
        following = asyncio.create_task(_follow_calendar(calendar, databases.signing))
        stack.push_async_callback(end_task, following)
        if verifiers is not None:
            await verifiers.start()
            stack.push_async_callback(verifiers.close)
        yield Resources(
            config=config,
            db=databases,
            clock=clock,
            calendar=calendar,
            keyring=keyring,
            valkey=valkey,
            http=http,
            verifiers=verifiers,
        )


async def _clock(config: Config, db: Db) -> Clock:
    if config.mode is Mode.DEMO:
        simulated = SimulatedClock()
        await simulated.refresh(db)
        return simulated
    if config.mode is Mode.PRODUCTION and await SIMULATED.one(db) is not None:
        raise ConfigError(
            "this database carries a simulated clock: it is a demo's, not production's"
        )
    return SystemClock()


async def _follow_calendar(calendar: LegalCalendar, db: Db) -> None:
    """Take the registrar's rows anew every few seconds; an unreachable database leaves the last ones."""
    while True:
        await asyncio.sleep(CALENDAR_EVERY_S)
        try:
            calendar.overrule(await OVERRIDES.all(db))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as e:
            log.warning("the calendar was not read anew", error=type(e).__name__)


async def end_task(task: asyncio.Task[None]) -> None:
    """Cut a task off and wait until it is gone."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def read_calendar(db: Db) -> LegalCalendar:
    """The legal calendar with the registrar's overriding days."""
    return LegalCalendar(await OVERRIDES.all(db))
