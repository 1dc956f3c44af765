"""What the worker does for codes."""

from backend.kernel.resources import Resources
from backend.visits.code import service


async def revoke_closed(resources: Resources) -> None:
    """Codes end with their facilities (M §31)."""
    await service.revoke_closed(resources.db.visits, resources.clock)
