"""Ask outside systems about organisations, soon after a declaration and then hourly."""

from typing import Any

from backend.kernel.resources import Resources
from backend.registry.confirmation import service


async def confirm(resources: Resources, _: dict[str, Any]) -> None:
    """Somebody declared something an outside system knows."""
    await service.confirm(resources)


async def confirm_due(resources: Resources) -> None:
    """Those not borne out yet."""
    await service.confirm(resources)
