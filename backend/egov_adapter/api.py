"""The HTTP handlers of this wing, gathered from its rooms for the composition root."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from backend.egov_adapter.availability import api as availability
from backend.egov_adapter.card import api as card
from backend.egov_adapter.citizen import api as citizen
from backend.egov_adapter.complaint import api as complaint
from backend.egov_adapter.complaint import desk_api as complaint_desk
from backend.egov_adapter.look import api as look
from backend.egov_adapter.notice import api as notice
from backend.egov_adapter.record import api as record
from backend.egov_adapter.representative import api as representative
from backend.egov_adapter.state_service import api as state_service
from backend.egov_adapter.state_service import office_api as state_service_office

HANDLERS: Sequence[ControllerRouterHandler] = [
    availability.tell,
    citizen.ask_otp,
    citizen.sign_in,
    citizen.renew,
    record.status,
    record.policy,
    record.card,
    card.picture,
    representative.represent,
    representative.mine,
    representative.of_me,
    representative.open_session,
    representative.end,
    card.pdf,
    record.months,
    record.clinic,
    record.contributions,
    record.visits,
    record.billed,
    look.looks,
    complaint.register,
    complaint.dispute,
    complaint.list_own,
    complaint.track,
    complaint.confirm,
    complaint.add_picture,
    complaint.own_picture,
    complaint.procedure,
    complaint_desk.list_desk,
    complaint_desk.summarise,
    complaint_desk.read,
    complaint_desk.picture,
    complaint_desk.answer,
    complaint_desk.administrative_file,
    complaint_desk.forward,
    complaint_desk.record_decision,
    notice.own_choice,
    notice.list_own,
    notice.connect,
    notice.leave,
    notice.speak,
    notice.claim,
    notice.report,
    state_service.passport,
    state_service.passport_pdf,
    state_service.ask_consent,
    state_service.ask,
    state_service.ask_signed,
    state_service.list_own,
    state_service.one,
    state_service.result_json,
    state_service.result_seal,
    state_service.result_pdf,
    state_service_office.days,
    state_service_office.enter_court_act,
    state_service_office.lift_court_act,
]
