"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.registry.access_record import service as access_record
from backend.registry.legal_term import jobs as legal_term
from backend.registry.log import jobs as log
from backend.registry.order import jobs as order
from backend.registry.order.service import JOB as RUN_ORDER
from backend.registry.restriction import jobs as restriction
from backend.registry.restriction.service.lapse import JOB as CLOSE_HELD
from backend.registry.state_event import jobs as state_event
from backend.registry.state_event.service.weigh import JOB as APPLY_STATE_EVENTS

JOBS: JobTable = {
    RUN_ORDER: order.run_order,
    CLOSE_HELD: restriction.close_held,
    APPLY_STATE_EVENTS: state_event.decided,
}
SWEEPS: SweepTable = {
    "registry.forget_access_records": access_record.forget,
    "registry.tell_holders": restriction.tell_holders,
    "registry.follow_state_databases": state_event.follow,
    "registry.seal_log": log.seal,
    "registry.sign_log_head": log.sign_head,
    "registry.watch_log": log.watch,
    "registry.watch_terms": legal_term.watch,
    "registry.count_terms_anew": legal_term.count_anew,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
