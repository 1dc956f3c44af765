"""After a withdrawal."""

from typing import Any

from backend.kernel import events
from backend.kernel.resources import Resources
from backend.registry.consent import service
from backend.registry.consent.events import ConsentWithdrawn

CLOSE_SESSIONS = "registry.close_sessions_of_channel"


async def close_sessions(resources: Resources, payload: dict[str, Any]) -> None:
    """End the sessions of a closed channel, unless the consent stands again by now."""
    told = events.read(ConsentWithdrawn, payload)
    now = resources.clock.now()
    if await service.closed(resources.db.registry, told.subject, told.purpose, now):
        await service.close_sessions(resources.db.signing, told.subject, told.purpose, at=now)
