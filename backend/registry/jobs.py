"""The jobs of this wing, gathered from its rooms for the composition root."""

from backend.kernel.events import Event
from backend.kernel.jobs import JobTable, SweepTable
from backend.registry.access_record import service as access_record
from backend.registry.attachment import jobs as attachment
from backend.registry.attachment.facts import APPLY_JOB as APPLY_HELD_ATTACHMENTS
from backend.registry.confirmation import jobs as confirmation
from backend.registry.confirmation.service import JOB as CONFIRM_ORGANISATIONS
from backend.registry.consent import jobs as consent
from backend.registry.consent.events import ConsentWithdrawn
from backend.registry.contribution_file import jobs as contribution_file
from backend.registry.contribution_file.service.apply import DECIDED_JOB as FILE_DECIDED
from backend.registry.contribution_file.service.receive import FETCH_JOB as FETCH_FILES
from backend.registry.contribution_file.service.receive import TAKE_JOB as TAKE_FILE
from backend.registry.extract import jobs as extract
from backend.registry.insured_list import jobs as insured_list
from backend.registry.insured_list.service import JOB as COMPOSE_INSURED_LIST
from backend.registry.legal_term import jobs as legal_term
from backend.registry.log import jobs as log
from backend.registry.order import jobs as order
from backend.registry.order.service import JOB as RUN_ORDER
from backend.registry.reattachment import jobs as reattachment
from backend.registry.reattachment.service import JOB as LOOK_OVER
from backend.registry.restriction import jobs as restriction
from backend.registry.restriction.service.lapse import JOB as CLOSE_HELD
from backend.registry.standing import jobs as standing
from backend.registry.standing.service import JOB as RECOMPUTE
from backend.registry.state_event import jobs as state_event
from backend.registry.state_event.service.weigh import JOB as APPLY_STATE_EVENTS
from backend.registry.upload import jobs as upload
from backend.registry.upload.service import DECIDED_JOB as UPLOAD_DECIDED
from backend.registry.upload.service import TAKE_JOB as TAKE_UPLOAD

JOBS: JobTable = {
    CONFIRM_ORGANISATIONS: confirmation.confirm,
    RUN_ORDER: order.run_order,
    consent.CLOSE_SESSIONS: consent.close_sessions,
    RECOMPUTE: standing.recompute,
    FETCH_FILES: contribution_file.fetch,
    TAKE_FILE: contribution_file.take,
    FILE_DECIDED: contribution_file.decided,
    CLOSE_HELD: restriction.close_held,
    COMPOSE_INSURED_LIST: insured_list.compose,
    APPLY_STATE_EVENTS: state_event.decided,
    APPLY_HELD_ATTACHMENTS: attachment.apply_held,
    TAKE_UPLOAD: upload.take_upload,
    LOOK_OVER: reattachment.look_over,
    UPLOAD_DECIDED: upload.decided,
}
SWEEPS: SweepTable = {
    "registry.confirm_organisations_due": confirmation.confirm_due,
    "registry.ask_for_contribution_files": contribution_file.ask,
    "registry.heal_contributions": contribution_file.heal,
    "registry.expire_policies": order.expire_policies,
    "registry.start_looking_over": reattachment.start,
    "registry.judge_told": standing.judge_told,
    "registry.judge_due": standing.judge_due,
    "registry.forget_access_records": access_record.forget,
    "registry.tell_holders": restriction.tell_holders,
    "registry.forget_insured_lists": insured_list.forget,
    "registry.follow_state_databases": state_event.follow,
    "registry.seal_log": log.seal,
    "registry.sign_log_head": log.sign_head,
    "registry.watch_log": log.watch,
    "registry.hurry_head": extract.hurry,
    "registry.watch_terms": legal_term.watch,
    "registry.count_terms_anew": legal_term.count_anew,
}
SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {ConsentWithdrawn: (consent.CLOSE_SESSIONS,)}
