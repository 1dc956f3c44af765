"""Ask every wing when its sources last answered; measure who is late."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime

import asyncpg
from prometheus_client import Gauge

from backend.app.freshness import of_allocation, of_payments, of_registry, of_signing, rules
from backend.app.freshness.model import SourceView, State
from backend.kernel import logs
from backend.kernel.resources import Resources

WATCH_EVERY_S = 60.0
FEEDS = sorted(
    channel.removeprefix("feed.")
    for channel in {c for source in rules.SOURCES for c in source.channels}
    if channel.startswith("feed.")
)
LATE = Gauge(
    "saqtau_source_late_seconds",
    "How late a source is by its own rhythm; 0 fresh, +Inf nothing has ever come",
    ["source"],
    multiprocess_mode="mostrecent",
)
log = logs.get("app.freshness")


async def answers(resources: Resources) -> dict[str, datetime | None]:
    """channel -> when its source last answered, from each wing under the wing's own role."""
    db = resources.db
    found = await asyncio.gather(
        of_registry.ANSWERS.all(db.registry, FEEDS),
        of_allocation.ANSWERS.all(db.allocation),
        of_payments.ANSWERS.all(db.payments),
        of_signing.ANSWERS.all(db.signing),
    )
    return {answer.channel: answer.answered_at for rows in found for answer in rows}


async def listed(resources: Resources, language: str) -> list[SourceView]:
    """Every source of M §23, in its order there."""
    known, now = await answers(resources), resources.clock.now()
    return [
        rules.show(source, resources.config, resources.calendar, known, now, language)
        for source in rules.SOURCES
    ]


async def measure(resources: Resources) -> None:
    """Set the metric of every source that has a rhythm and is configured."""
    known, now = await answers(resources), resources.clock.now()
    for source in rules.SOURCES:
        state, late_by_s = rules.state_of(source, resources.config, resources.calendar, known, now)
        if state in (State.FRESH, State.LATE, State.NEVER):
            late = math.inf if state is State.NEVER else late_by_s or 0
            LATE.labels(source.code).set(late)


async def watch(resources: Callable[[], Resources]) -> None:
    """Measure once a minute, for ever; a database that is away leaves the last measure."""
    while True:
        try:
            await measure(resources())
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as e:
            log.warning("sources were not measured", error=type(e).__name__)
        await asyncio.sleep(WATCH_EVERY_S)
