"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.allocation.plan import service as plan
from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.kernel.resources import Resources


async def close_windows(resources: Resources) -> None:
    """End the acceptance windows that are over (M §8, D4)."""
    await plan.close_windows(resources.db.allocation, resources.clock, resources.calendar)


JOBS: JobTable = {}
SWEEPS: SweepTable = {"allocation.close_windows": close_windows}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
