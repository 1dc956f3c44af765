"""What the worker does for the legal clock."""

from backend.kernel.resources import Resources
from backend.registry.calendar_day import service as calendar_days
from backend.registry.legal_term import service


async def watch(resources: Resources) -> None:
    """Remind of terms that end soon and record those missed (domain 3.19)."""
    await service.watch(resources)


async def count_anew(resources: Resources) -> None:
    """Catch terms that a process still on the old calendar started around a change of it."""
    await calendar_days.count_stragglers(resources)
