"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.registry.legal_term import jobs as legal_term
from backend.registry.log import jobs as log
from backend.registry.order import jobs as order
from backend.registry.order.service import JOB as RUN_ORDER

JOBS: JobTable = {RUN_ORDER: order.run_order}
SWEEPS: SweepTable = {
    "registry.publish_log_root": log.publish_root,
    "registry.watch_terms": legal_term.watch,
    "registry.count_terms_anew": legal_term.count_anew,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
