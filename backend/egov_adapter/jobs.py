"""The jobs of this wing, gathered from its rooms for the composition root."""

from typing import Any

from backend.egov_adapter.availability import service as availability
from backend.egov_adapter.citizen import service as citizen
from backend.egov_adapter.complaint import cabinet
from backend.egov_adapter.complaint import service as complaint
from backend.egov_adapter.complaint.events import (
    ComplaintAnswered,
    ComplaintConfirmed,
    ComplaintForwarded,
    ComplaintTakenUp,
)
from backend.egov_adapter.notice import service as notice
from backend.egov_adapter.representative import jobs as representative
from backend.egov_adapter.representative.events import RepresentationEnded
from backend.egov_adapter.state_service import service as state_service
from backend.egov_adapter.state_service import serving
from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.kernel.resources import Resources
from backend.payments.act.events import ActSubmitted
from backend.payments.detection.model import COUNT_COMPLAINT
from backend.registry.consent.events import ConsentWithdrawn
from backend.registry.legal_term.events import TermsCountedAnew
from backend.registry.order.events import PoliciesIssued


async def follow_terms(resources: Resources, _: dict[str, Any]) -> None:
    """The calendar changed: complaints are to be answered when their terms end."""
    await complaint.follow_terms(resources.db.egov)


JOBS: JobTable = {
    citizen.SEND_OTP: citizen.send_otp,
    representative.CLOSE: representative.close,
    "egov.follow_terms": follow_terms,
    "egov.tell_policies": notice.tell_policies,
    "egov.tell_billed": notice.tell_billed,
    "egov.tell_answer": notice.tell_answer,
    "egov.tell_taken_up": notice.tell_taken_up,
    "egov.tell_forwarded": notice.tell_forwarded,
    "egov.leave_chat": notice.follow_consent,
    serving.JOB: serving.serve,
}
SWEEPS: SweepTable = {
    "egov.measure_availability": availability.measure,
    "egov.forget_otps": citizen.forget_otps,
    "egov.tell_lapsing": notice.tell_lapsing,
    "egov.notices": notice.sweep,
    "egov.open_service_requests": serving.open_due,
    "egov.tell_complaint_statuses": cabinet.tell_statuses,
    "egov.tell_service_stages": serving.tell_stages,
    "egov.forget_service_consents": state_service.forget_consents,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {
    RepresentationEnded: (representative.CLOSE,),
    TermsCountedAnew: ("egov.follow_terms",),
    PoliciesIssued: ("egov.tell_policies",),
    ActSubmitted: ("egov.tell_billed",),
    ComplaintTakenUp: ("egov.tell_taken_up",),
    ComplaintForwarded: ("egov.tell_forwarded",),
    ComplaintAnswered: ("egov.tell_answer",),
    # the wing that pays stands below and counts them (S4)
    ComplaintConfirmed: (COUNT_COMPLAINT,),
    ConsentWithdrawn: ("egov.leave_chat",),
}
