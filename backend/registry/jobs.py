"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.registry.log import jobs as log
from backend.registry.order import jobs as order
from backend.registry.order.service import JOB as RUN_ORDER

JOBS: JobTable = {RUN_ORDER: order.run_order}
SWEEPS: SweepTable = {"registry.publish_log_root": log.publish_root}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
