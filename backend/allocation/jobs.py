"""The jobs of this wing, gathered from its rooms for the composition root."""

from typing import Any
from uuid import UUID

from backend.allocation.application.events import ApplicationSubmitted
from backend.allocation.capacity import jobs as capacity_jobs
from backend.allocation.capacity import service as capacity
from backend.allocation.confirmation import jobs as confirmation_jobs
from backend.allocation.confirmation.service import JOB as CONFIRM_APPLICATION
from backend.allocation.contract import sealing, upkeep
from backend.allocation.decision import publication
from backend.allocation.plan import service as plan
from backend.allocation.plan.events import WindowClosed
from backend.allocation.plan_change import service as plan_change
from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.kernel.resources import Resources
from backend.registry.legal_term.events import TermsCountedAnew


async def close_windows(resources: Resources) -> None:
    """End the acceptance windows that are over (M §8, D4)."""
    await plan.close_windows(resources.db.allocation, resources.clock, resources.calendar)


async def seal_decisions(resources: Resources) -> None:
    """Put the issuer's seal on decisions that have become public."""
    await publication.seal_public(resources)


async def follow_terms(resources: Resources, _: dict[str, Any]) -> None:
    """The calendar changed: acceptance windows end when their terms do."""
    await plan.follow_terms(resources.db.allocation)


async def remind_of_contracts(resources: Resources) -> None:
    """Executors who have not signed for three working days (D7)."""
    await upkeep.remind(resources.db.allocation, resources.clock, resources.calendar)


async def expire_contracts(resources: Resources) -> None:
    """Contracts whose last day is over."""
    await upkeep.expire(resources.db.allocation, resources.clock)


async def end_silence(resources: Resources) -> None:
    """Drafts of plan changes the ministry has left without remarks for ten working days."""
    await plan_change.end_silence(resources.db.allocation, resources.clock)


async def seal_contracts(resources: Resources, payload: dict[str, Any]) -> None:
    """All contracts of a decision were approved: the issuer's seal signs each."""
    await sealing.carry_out(resources, UUID(payload["decision_id"]))


JOBS: JobTable = {
    "allocation.follow_terms": follow_terms,
    capacity.JOB: capacity_jobs.measure,
    sealing.JOB: seal_contracts,
    CONFIRM_APPLICATION: confirmation_jobs.confirm,
}
SWEEPS: SweepTable = {
    "allocation.confirm_applications": confirmation_jobs.confirm_due,
    "allocation.remind_of_contracts": remind_of_contracts,
    "allocation.expire_contracts": expire_contracts,
    "allocation.end_silence": end_silence,
    "allocation.close_windows": close_windows,
    "allocation.seal_decisions": seal_decisions,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {
    TermsCountedAnew: ("allocation.follow_terms",),
    WindowClosed: (capacity.JOB,),
    ApplicationSubmitted: (CONFIRM_APPLICATION,),
}
