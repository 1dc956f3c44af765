"""The HTTP handlers of this wing, gathered from its rooms for the composition root."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from backend.registry.account import api as account
from backend.registry.brake import api as brake
from backend.registry.calendar_day import api as calendar_day
from backend.registry.catalogue import api as catalogue
from backend.registry.consent import api as consent
from backend.registry.contribution import api as contribution
from backend.registry.contribution_file import api as contribution_file
from backend.registry.data_request import api as data_request
from backend.registry.directory import api as directory
from backend.registry.extract import api as extract
from backend.registry.facility import api as facility
from backend.registry.feed import api as feed
from backend.registry.insured_list import api as insured_list
from backend.registry.legal_term import api as legal_term
from backend.registry.log import api as log
from backend.registry.mhi_law import api as mhi_law
from backend.registry.order import api as order
from backend.registry.photograph import api as photograph
from backend.registry.reattachment import api as reattachment
from backend.registry.repair import api as repair
from backend.registry.restriction import api as restriction
from backend.registry.specialist import api as specialist
from backend.registry.standing import api as standing
from backend.registry.state_event import api as state_event
from backend.registry.technical_break import api as technical_break
from backend.registry.upload import api as upload

HANDLERS: Sequence[ControllerRouterHandler] = [
    catalogue.list_operations,
    account.register,
    account.change,
    account.change_issuer,
    account.cabinet,
    account.sign_agreement,
    account.withdraw_agreement,
    account.declare,
    directory.list_mis,
    directory.enter_mis,
    directory.list_fields,
    directory.enter_field,
    specialist.list_needs,
    specialist.enter_needs,
    specialist.tell_certificates,
    facility.add,
    facility.own,
    facility.change,
    facility.get_photograph,
    photograph.hand_in,
    facility.close,
    facility.nearest,
    feed.enter_persons,
    feed.see_visits,
    feed.attach,
    feed.employ,
    consent.list_own,
    consent.history,
    consent.give,
    consent.withdraw,
    contribution.receive,
    contribution.privilege,
    contribution_file.hand_in,
    contribution_file.list_files,
    contribution_file.get_report,
    contribution_file.list_repairs,
    contribution_file.count_repairs,
    contribution_file.get_repair,
    contribution_file.fix_repair,
    contribution_file.discard_repair,
    mhi_law.get_law,
    mhi_law.set_wage,
    mhi_law.set_category,
    standing.recompute,
    standing.get_recomputation,
    standing.list_lapsing,
    order.order_policies,
    order.order_credits,
    order.order_changes,
    order.order_executor_changes,
    order.order_cancellations,
    order.order_reversal,
    order.list_orders,
    order.get_order,
    order.list_order_refusals,
    order.follow_order,
    restriction.block,
    restriction.unblock,
    restriction.close,
    restriction.correct,
    restriction.standing,
    restriction.own,
    state_event.list_feeds,
    state_event.list_events,
    state_event.resolve,
    insured_list.order,
    insured_list.request,
    insured_list.show,
    insured_list.fetch,
    upload.open_upload,
    upload.send_piece,
    upload.get_upload,
    upload.list_uploads,
    reattachment.list_reattachments,
    reattachment.count_reattachments,
    reattachment.list_reevaluations,
    repair.list_repairs,
    repair.count_repairs,
    repair.drop_repairs,
    brake.list_holds,
    brake.get_hold,
    brake.decide,
    brake.list_limits,
    brake.set_limit,
    extract.take,
    extract.list_own,
    extract.own_json,
    extract.own_pdf,
    extract.own_seal,
    extract.order,
    extract.request,
    extract.ordered_json,
    extract.ordered_pdf,
    extract.ordered_seal,
    extract.check,
    log.list_heads,
    log.latest_head,
    log.list_keys,
    log.prove_inclusion,
    log.prove_consistency,
    calendar_day.set_day,
    calendar_day.changes,
    calendar_day.year,
    legal_term.terms,
    legal_term.what_if,
    data_request.ask,
    data_request.answer,
    data_request.list_requests,
    technical_break.list_breaks,
    technical_break.announce,
    technical_break.begin,
    technical_break.put_off,
    technical_break.end,
    technical_break.cancel,
]
