"""What the worker does for extracts."""

from backend.kernel.resources import Resources
from backend.registry.extract import service


async def hurry(resources: Resources) -> None:
    """Have a head signed soon where an extract waits for its proof."""
    await service.hurry(resources)
