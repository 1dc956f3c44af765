"""What the worker does for orders."""

from typing import Any
from uuid import UUID

from backend.kernel.resources import Resources
from backend.registry.order import service


async def run_order(resources: Resources, payload: dict[str, Any]) -> None:
    """Carry out the order; safe to run twice and at the same time."""
    await service.run(resources.db.registry, resources.clock, UUID(payload["order_id"]))


async def expire_policies(resources: Resources) -> None:
    """The sweep: policies of a year that is over expire, a batch at a time (D13)."""
    await service.expire(resources.db.registry, resources.clock)
