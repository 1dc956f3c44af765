"""Ask about applications when they are sent, and until the systems answer."""

from typing import Any
from uuid import UUID

from backend.allocation.confirmation import service
from backend.kernel.resources import Resources


async def confirm(resources: Resources, payload: dict[str, Any]) -> None:
    """An application was sent: its licences and its applicant's taxes are asked about."""
    await service.confirm(resources, UUID(payload["subject"]))


async def confirm_due(resources: Resources) -> None:
    """Applications whose questions nobody has answered, and accepted ones once a day."""
    await service.confirm_due(resources)
