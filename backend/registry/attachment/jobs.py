"""What the worker does for attachments."""

from typing import Any
from uuid import UUID

from backend.kernel.resources import Resources
from backend.registry.attachment import service
from backend.registry.brake.model import Verdict


async def apply_held(resources: Resources, payload: dict[str, Any]) -> None:
    """An officer decided about a held batch."""
    await service.apply_held(resources, UUID(payload["hold_id"]), Verdict(payload["verdict"]))
