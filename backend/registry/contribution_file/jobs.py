"""What the worker does for files of contributions."""

from typing import Any
from uuid import UUID

from backend.kernel.resources import Resources
from backend.registry.brake.model import Verdict
from backend.registry.contribution_file.service import apply, receive, repair


async def ask(resources: Resources) -> None:
    """Look at the list of files when it is due."""
    await receive.ask_if_due(resources)


async def heal(resources: Resources) -> None:
    """Try again rows that may have become right by themselves."""
    await repair.heal(resources)


async def fetch(resources: Resources, payload: dict[str, Any]) -> None:
    """Fetch what lies ready; safe to run twice, goes on where it broke off."""
    await receive.fetch(resources)


async def take(resources: Resources, payload: dict[str, Any]) -> None:
    """Read, weigh and apply a file; safe to run twice and to be killed."""
    await apply.run(resources, UUID(payload["file_id"]))


async def decided(resources: Resources, payload: dict[str, Any]) -> None:
    """Go on with a held file as the officer decided."""
    await apply.decided(resources, UUID(payload["hold_id"]), Verdict(payload["verdict"]))
