"""What the worker does for the journals of the state databases."""

from typing import Any
from uuid import UUID

from backend.kernel.resources import Resources
from backend.registry.brake.model import Verdict
from backend.registry.state_event.model import Source
from backend.registry.state_event.service import apply, poll, repair, weigh


async def follow(resources: Resources) -> None:
    """Read on, look again at night, weigh what came, apply what passed."""
    for source in Source:
        await poll.poll(resources, source)
        await repair.review(resources, source)
        await weigh.weigh(resources, source)
        await apply.apply(resources, source)


async def decided(resources: Resources, payload: dict[str, Any]) -> None:
    """The registrar decided about a run the brake held."""
    await weigh.decided(resources, UUID(payload["hold_id"]), Verdict(payload["verdict"]))
