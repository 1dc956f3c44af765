"""What the worker does for files."""

from typing import Any
from uuid import UUID

from backend.kernel.resources import Resources
from backend.registry.brake.model import Verdict
from backend.registry.upload import service


async def take_upload(resources: Resources, payload: dict[str, Any]) -> None:
    """Weigh and apply a file; safe to run twice and to be killed."""
    await service.run(resources, UUID(payload["upload_id"]))


async def decided(resources: Resources, payload: dict[str, Any]) -> None:
    """An officer decided about a held file."""
    await service.decided(resources, UUID(payload["hold_id"]), Verdict(payload["verdict"]))
