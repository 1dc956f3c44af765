"""What the worker does for check-ins."""

from backend.kernel.resources import Resources
from backend.visits.checkin import service


async def forget_scans(resources: Resources) -> None:
    """Forget scans of codes long expired."""
    await service.forget_scans(resources.db.visits, resources.clock)
