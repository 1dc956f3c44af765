"""The jobs of this wing, gathered from its rooms for the composition root."""

import asyncio
from collections.abc import Awaitable, Callable

from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.kernel.resources import Resources
from backend.signing.egov_qr import service as egov_qr
from backend.signing.evidence import waiting
from backend.signing.login import service as login
from backend.signing.revocation import held
from backend.web import idempotency

Sweep = Callable[[Resources], Awaitable[None]]


def aside(sweep: Sweep) -> Sweep:
    """`sweep`, not waited for: it asks outside systems, and the other sweeps shall not stand behind it.

    One round runs at a time; how it ended is told to the round after it.
    """
    running: list[asyncio.Task[None]] = []

    async def start(resources: Resources) -> None:
        if running:
            if not running[0].done():
                return
            running.pop().result()  # raises what the round before raised
        running.append(asyncio.create_task(_carried_out(sweep, resources)))

    return start


async def _carried_out(sweep: Sweep, resources: Resources) -> None:
    await sweep(resources)


JOBS: JobTable = {}
SWEEPS: SweepTable = {
    "signing.forget_challenges": login.sweep_challenges,
    "signing.end_packages": egov_qr.sweep,
    "signing.refresh_crls": aside(held.refresh),
    "signing.ask_again": aside(waiting.ask_again),
    "web.forget_answers": idempotency.forget_old,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
