"""Ask about capacities when a window closes, and until the systems answer."""

from typing import Any
from uuid import UUID

from backend.allocation.capacity import service
from backend.kernel.actor import SYSTEM
from backend.kernel.resources import Resources
from backend.sources.exchange import SourceUnavailable


async def measure(resources: Resources, payload: dict[str, Any]) -> None:
    """Measure the capacities an announcement needs; tried again while a system is silent."""
    run = await service.measure(resources, SYSTEM, UUID(payload["subject"]))
    if run is not None and run.unavailable:
        raise SourceUnavailable(source="capacity")
