"""What the worker does for statuses: on change, when time has run, and recomputations."""

from typing import Any
from uuid import UUID

from backend.kernel.resources import Resources
from backend.registry.standing import service

ROUNDS_MAX = 5  # batches of one sweep: the other sweeps want their turn


async def judge_told(resources: Resources) -> None:
    """Judge those of whom something was told."""
    for _ in range(ROUNDS_MAX):
        if await service.judge_told(resources.db.registry, resources.clock) < service.BATCH:
            return


async def judge_due(resources: Resources) -> None:
    """Judge those whose status time itself may have changed."""
    for _ in range(ROUNDS_MAX):
        if await service.judge_due(resources.db.registry, resources.clock) < service.BATCH:
            return


async def recompute(resources: Resources, payload: dict[str, Any]) -> None:
    """Carry a recomputation to its end; safe to run twice and at the same time."""
    await service.recompute(resources.db.registry, resources.clock, UUID(payload["run_id"]))
