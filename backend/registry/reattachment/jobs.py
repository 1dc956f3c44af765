"""What the worker does every night."""

from datetime import date
from typing import Any

from backend.kernel.resources import Resources
from backend.registry.reattachment import service


async def look_over(resources: Resources, payload: dict[str, Any]) -> None:
    """Look over what depends on attachments; safe to run twice and to be killed."""
    await service.run(resources, date.fromisoformat(payload["day"]))


async def start(resources: Resources) -> None:
    """Begin once a legal day."""
    await service.start(resources)
