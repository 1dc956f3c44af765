"""What the worker does for the log."""

from backend.kernel.resources import Resources
from backend.registry.log import service


async def publish_root(resources: Resources) -> None:
    """Publish the log's root once an hour."""
    await service.publish_root(resources.db.registry, resources.clock)
