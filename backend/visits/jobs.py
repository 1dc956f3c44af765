"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.visits.checkin import jobs as checkin
from backend.visits.code import jobs as code

JOBS: JobTable = {}
SWEEPS: SweepTable = {
    "visits.revoke_closed": code.revoke_closed,
    "visits.forget_scans": checkin.forget_scans,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
