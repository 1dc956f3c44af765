"""Around the clock (M §39): the public door is tried each minute, and the figure never flatters."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import respx

from backend.egov_adapter.availability import service
from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from tests.visits.conftest import Owner

MINUTE = timedelta(minutes=1)


async def test_a_day_with_a_restart_and_a_dead_worker(
    client: Any, resources: Resources, clock: FixedClock, owner: Owner
) -> None:
    async with client() as http:
        none = (await http.get("/api/v1/public/availability")).json()
        assert (none["since"], none["availability_ppm"]) == (None, None)
        answers = [httpx.Response(200)] * 7 + [httpx.Response(503), httpx.ConnectError("away")]
        with respx.mock:
            door = respx.get(f"{resources.config.public_url}/health/ready")
            door.side_effect = [*answers, httpx.Response(200)]
            for n in range(10):
                # Three workers, each sweeping twice in that minute: it is one minute.
                await service.measure(resources)
                clock.advance(timedelta(seconds=20))
                await asyncio.gather(*(service.measure(resources) for _ in range(3)))
                clock.advance(timedelta(seconds=40))
                if n == 4:
                    clock.advance(5 * MINUTE)  # no worker lived
            assert door.call_count == 10
        clock.advance(-MINUTE)
        told = (await http.get("/api/v1/public/availability")).json()
        assert (told["minutes"], told["measured"], told["answered"]) == (15, 10, 8)
        assert told["availability_ppm"] == 8 * 1_000_000 // 15
        clock.advance(timedelta(days=30))
        later = (await http.get("/api/v1/public/availability")).json()
        assert later["measured"] == 0, "thirty days, no more"
    assert await owner.fetchval("SELECT count(*) FROM egov.availability_minute") == 10
