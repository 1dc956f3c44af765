"""What the worker does for restrictions."""

from typing import Any
from uuid import UUID

from backend.kernel.resources import Resources
from backend.registry.brake.model import Verdict
from backend.registry.restriction.service import lapse, tell


async def tell_holders(resources: Resources) -> None:
    """Holders of accounts just blocked."""
    await tell.tell_due(resources)


async def close_held(resources: Resources, payload: dict[str, Any]) -> None:
    """The registrar decided about closings the brake held."""
    await lapse.decided(resources, UUID(payload["hold_id"]), Verdict(payload["verdict"]))
