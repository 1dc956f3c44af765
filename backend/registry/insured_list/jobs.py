"""What the worker does for lists of insured."""

from typing import Any
from uuid import UUID

from backend.kernel.resources import Resources
from backend.registry.insured_list import service


async def compose(resources: Resources, payload: dict[str, Any]) -> None:
    """Compose a list; safe to run twice and at the same time."""
    await service.compose(resources, UUID(payload["list_id"]))


async def forget(resources: Resources) -> None:
    """Lists whose time is over."""
    await service.forget(resources)
