"""When things happen in the story, and how many parties act at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import TypeVar

from backend.kernel.clock import LEGAL_ZONE

T = TypeVar("T")
R = TypeVar("R")

PARALLEL = 12


def on(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of 2026 by Kazakhstan's clocks."""
    return datetime(2026, month, day, hour, minute, tzinfo=LEGAL_ZONE)


POLICIES_ORDERED = on(4, 2, 10)
PLAN_APPROVED = on(4, 29, 10)  # a Wednesday
PLAN_PUBLISHED = on(4, 30, 10)  # five working days: 1, 7 and 11 May are days off, to Tue 12 May
FIRST_APPLICATIONS = on(5, 4, 10)
FIRST_REVIEWS = on(5, 5, 10)
LAST_APPLICATIONS = on(5, 12, 15)
WINDOW_OVER = on(5, 13, 9)
DECIDED = on(5, 13, 15)
DECISION_SIGNED = on(5, 14, 10)
ISSUER_SIGNS = on(5, 15, 10)
EXECUTORS_SIGN = on(5, 15, 16)
CARE_DAY = on(5, 18, 9)
ACTS_SUBMITTED = on(6, 1, 10)
SAMPLED = on(6, 2, 9)  # a Tuesday: five full working days before the 10th
ACTS_APPROVED = on(6, 2, 10)
INVOICES_ISSUED = on(6, 3, 10)
MONEY_RECEIVED = on(6, 4, 10)
FIRST_PAYMENTS = on(6, 5, 10)
CAUSE_REMOVED = on(6, 8, 10)
LAST_PAYMENTS = on(6, 10, 10)
MONITORED = on(6, 10, 15)
CITIZENS_LOOK = on(6, 11, 11)


async def together(
    items: Iterable[T], act: Callable[[T], Awaitable[R]], parallel: int = PARALLEL
) -> list[R]:
    """Let `act` happen for every item, `parallel` at a time; results in the order of the items."""
    places = asyncio.Semaphore(parallel)

    async def one(item: T) -> R:
        async with places:
            return await act(item)

    return list(await asyncio.gather(*(one(item) for item in items)))


async def until(done: Callable[[], Awaitable[bool]], what: str, limit_s: float = 60) -> None:
    """Wait until `done` answers yes, asking often; RuntimeError after `limit_s` real seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + limit_s
    while not await done():
        if loop.time() > end:
            raise RuntimeError(f"waited {limit_s:.0f} s for: {what}")
        await asyncio.sleep(0.1)
