"""After a representation is over."""

from typing import Any

from backend.egov_adapter.representative import service
from backend.egov_adapter.representative.events import RepresentationEnded
from backend.kernel import events
from backend.kernel.resources import Resources

CLOSE = "egov.close_representation"


async def close(resources: Resources, payload: dict[str, Any]) -> None:
    """Close its sessions; once more does no harm."""
    told = events.read(RepresentationEnded, payload)
    await service.close_sessions(resources, told.subject, told.representation_id)
