"""The jobs of this wing, gathered from its rooms for the composition root."""

from typing import Any

from backend.egov_adapter.citizen import service as citizen
from backend.egov_adapter.complaint import service as complaint
from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.kernel.resources import Resources
from backend.registry.legal_term.events import TermsCountedAnew


async def follow_terms(resources: Resources, _: dict[str, Any]) -> None:
    """The calendar changed: complaints are to be answered when their terms end."""
    await complaint.follow_terms(resources.db.egov)


JOBS: JobTable = {citizen.SEND_OTP: citizen.send_otp, "egov.follow_terms": follow_terms}
SWEEPS: SweepTable = {"egov.forget_otps": citizen.forget_otps}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {TermsCountedAnew: ("egov.follow_terms",)}
