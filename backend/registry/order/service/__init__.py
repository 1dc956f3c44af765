"""Use cases of orders: accepted, carried out in chunks, shown."""

from backend.registry.order.service.accept import JOB, accept, accept_reversal
from backend.registry.order.service.carry_out import run
from backend.registry.order.service.show import (
    find,
    follow,
    orders,
    progress,
    refusals,
    refused_for,
    require_room,
)
from backend.registry.order.service.year_end import expire

__all__ = [
    "JOB",
    "accept",
    "accept_reversal",
    "expire",
    "find",
    "follow",
    "orders",
    "progress",
    "refusals",
    "refused_for",
    "require_room",
    "run",
]
