"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.signing.egov_qr import service as egov_qr
from backend.signing.login import service as login
from backend.signing.revocation import held
from backend.web import idempotency

JOBS: JobTable = {}
SWEEPS: SweepTable = {
    "signing.forget_challenges": login.sweep_challenges,
    "signing.end_packages": egov_qr.sweep,
    "signing.refresh_crls": held.refresh,
    "web.forget_answers": idempotency.forget_old,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
