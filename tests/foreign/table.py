"""Whose every id is: the table behind tests/foreign/test_foreign_ids.py (FAULTS 15).

A new operation that takes an id from somebody who owns things (a clinic, a citizen, a system) fails
tests/architecture/test_permissions.py until it stands here, in exactly one of:

- `FOREIGN`: operation -> what stands in its path. `objects.SCENE` makes the thing as Aigul's or the first
  clinic's; the test asks for it as everybody else whom the guard admits, and wants the answer of an id that
  does not exist. Its own party must be let through, or the test would prove nothing. To join: a line here
  and, for a new kind of thing, a line of SQL in `objects.py`.
- `ELSEWHERE`: operation -> the test that sends another's thing with all that belongs to it (a signature
  whose document names the id). It must exist, and would fail if strangers were let in.
- `NOBODYS`: operation -> why its body names nothing of anybody's, or its path what everybody may see.
"""

from backend.kernel.actor import EXECUTOR, Role

# Roles that own things; the others (the Fund, registrar, ministry) have no tenant to be kept in.
OWNERS = EXECUTOR | {Role.INSURED, Role.MIS, Role.INTEGRATION, Role.BIOMETRICS, Role.BOT}

# operation -> path parameter -> thing of objects.SCENE, or a word as it is
FOREIGN: dict[str, dict[str, str]] = {
    "GetOrder": {"order_id": "order"},
    "ListOrderRefusals": {"order_id": "order"},
    "FollowOrder": {"order_id": "order"},
    "GetFacilityCode": {"facility_id": "facility"},
    "GetFacilityPhotograph": {"facility_id": "facility", "side": "outside"},
    "IssueFacilityCode": {"facility_id": "facility"},
    "CountVisitsToday": {"facility_id": "facility"},
    "PrintFacilityPoster": {"facility_id": "facility"},
    "RevokeFacilityCode": {"facility_id": "facility"},
    "GetVisitDay": {"facility_id": "facility"},
    "FollowVisitDay": {"facility_id": "facility"},
    "ListDevices": {"facility_id": "facility"},
    "WithdrawDevice": {"facility_id": "facility", "device_id": "device"},
    "GetBiometricSession": {"session_id": "biometric_session"},
    "GetApplication": {"application_id": "application"},
    "GetContract": {"contract_id": "contract"},
    "GetContractContent": {"contract_id": "contract"},
    "PrintContract": {"contract_id": "contract"},
    "GetAct": {"act_id": "act"},
    "ListActCases": {"act_id": "act"},
    "FetchActReport": {"act_id": "act"},
    "GetInvoice": {"act_id": "act"},
    "GetSuspension": {"suspension_id": "suspension"},
    "ListSuspensionHistory": {"suspension_id": "suspension"},
    "GetTermination": {"termination_id": "termination"},
    "ListTerminationHistory": {"termination_id": "termination"},
    "GetEvidence": {"evidence_id": "evidence"},
    "VerifyEvidence": {"evidence_id": "evidence"},
    "GetOwnComplaintPicture": {"complaint_id": "complaint", "file_id": "picture"},
    "ConfirmBilledService": {"case_id": "case"},
    "ActForPerson": {"representation_id": "representation"},
    "EndRepresentation": {"representation_id": "representation"},
    "DisputeBilledService": {"case_id": "case"},
    "ExplainRating": {"executor_id": "executor", "service_type": "cdc"},
    "GetProviderProfile": {"executor_id": "executor"},
    "GetUpload": {"upload_id": "upload"},
    "SendPiece": {"upload_id": "upload"},
    "GetMonitoring": {"monitoring_id": "monitoring"},
    "ListFindings": {"monitoring_id": "monitoring"},
    "ListMonitoringComments": {"monitoring_id": "monitoring"},
    "PrintProtocol": {"protocol_id": "protocol"},
    "GetImportReport": {"file_id": "contribution_file"},
}
# What else must be sent for the id to be looked at.
HEADERS: dict[str, dict[str, str]] = {
    "SendPiece": {"upload-offset": "0", "content-type": "application/offset+octet-stream"}
}
# Its own party is not asked for: what it reads wants more than a row, or does not end. Another operation shows the
# way in.
NOT_TRIED = {
    "GetOwnComplaintPicture": "ConfirmBilledService",
    "PrintContract": "GetContractContent",
    "GetFacilityPhotograph": "GetFacilityCode",
    "PrintProtocol": "ListFindings",
    "FollowVisitDay": "GetVisitDay",
}
_EXTRACT = "tests/registry/extract/test_api.py::test_nobody_else_gets_it"
_ORDERS = (
    "tests/registry/order/test_operations.py::test_an_executor_orders_about_its_own_insured_alone"
)
_APPLICATION = (
    "tests/allocation/application/test_service.py::test_foreign_and_absent_applications_look_alike"
)
_SERVICE = (
    "tests/egov_adapter/state_service/test_service.py"
    "::test_one_request_at_a_time_and_one_request_a_consent"
)
_MONITORING = "tests/payments/monitoring/test_path.py::test_from_plan_to_closed"
_CANCELLATION = "tests/payments/cancellation/test_service.py::test_another_clinic_cannot"
_DRAFT = "tests/payments/draft/test_service.py::test_another_clinic_sees_and_signs_no_draft"
ELSEWHERE: dict[str, str] = {
    "CancelAct": _CANCELLATION,
    "FormActDraft": _DRAFT,
    "GetActDraft": _DRAFT,
    "FetchActDraft": _DRAFT,
    "SignActDraft": _DRAFT,
    "GetActCancellation": _CANCELLATION,
    "GetOwnServiceRequest": _SERVICE,
    "GetServiceResultJson": _SERVICE,
    "GetServiceResultPdf": _SERVICE,
    "GetServiceResultSeal": _SERVICE,
    "RequestService": _SERVICE,
    "RequestServiceSigned": (
        "tests/egov_adapter/state_service/test_service.py"
        "::test_the_own_ecp_certifies_and_nobody_elses"
    ),
    "CommentMonitoring": _MONITORING,
    "ReportFollowUp": _MONITORING,
    "GetOwnExtractJson": _EXTRACT,
    "GetOwnExtractPdf": _EXTRACT,
    "GetOwnExtractSeal": _EXTRACT,
    "OrderCredits": _ORDERS,
    "OrderChanges": _ORDERS,
    "OrderExecutorChanges": _ORDERS,
    "OrderCancellations": _ORDERS,
    "WithdrawApplication": _APPLICATION,
    "ChangeApplicationData": (
        "tests/allocation/confirmation/test_confirmation.py"
        "::test_changed_data_are_entered_by_the_applicant_in_a_working_day"
    ),
    "SubmitApplication": (
        "tests/allocation/application/test_service.py::test_only_announced_lines_and_own_facilities"
    ),
    "SignContract": (
        "tests/allocation/contract/test_service.py"
        "::test_executor_signs_the_same_bytes_and_the_contract_is_in_force"
    ),
    **dict.fromkeys(
        (
            "ListContractAmendments",
            "GetContractAmendment",
            "GetContractAmendmentContent",
            "PrintContractAmendment",
            "SignContractAmendment",
        ),
        "tests/allocation/amendment/test_amendment.py::test_what_cannot_be_agreed_is_refused",
    ),
    "ChangeFacility": (
        "tests/registry/photograph/test_photographs.py"
        "::test_what_changed_of_a_facility_is_entered_within_a_working_day"
    ),
    "ListShares": (
        "tests/allocation/decision/test_service.py::test_http_shows_executors_their_own_shares_only"
    ),
    "AddComplaintPicture": (
        "tests/egov_adapter/complaint/test_pictures.py"
        "::test_a_picture_is_written_anew_and_seen_by_its_author_and_the_desk_alone"
    ),
    "SubmitAct": "tests/foreign/test_foreign_ids.py::test_a_stranger_signs_for_nobody_else",
    "IssueInvoice": "tests/foreign/test_foreign_ids.py::test_a_stranger_signs_for_nobody_else",
    "RevokeInvoice": (
        "tests/payments/treasury/test_invoice_books.py::test_another_clinic_takes_nothing_back"
    ),
    "CloseFacility": "tests/registry/facility/test_closing.py::test_its_executor_closes_it_once",
    "RegisterVisitAtDesk": (
        "tests/visits/checkin/test_api.py::test_another_clinic_sees_and_does_nothing_here"
    ),
    "RegisterDevice": (
        "tests/visits/device/test_offline.py::test_only_what_the_own_device_signed_is_taken"
    ),
    "UploadVisitBatch": (
        "tests/visits/device/test_offline.py::test_only_what_the_own_device_signed_is_taken"
    ),
    "RegisterVisit": (
        "tests/visits/checkin/test_service.py::test_biometrics_must_be_ones_own_alive_and_fresh"
    ),
}
_OWN = "names nothing: it is about the session's own organisation"
_FEED = "tells facts of its source; people are named by what the source knows of them"
NOBODYS: dict[str, str] = {
    "RegisterOrganisation": "opens the account of the certificate's own BIN",
    "ChangeOrganisation": _OWN,
    "DeclareReadiness": _OWN,
    "SignAgreement": _OWN,
    "WithdrawAgreement": _OWN,
    "AddFacility": _OWN,
    "EnterPersons": _FEED,
    "AttachPersons": _FEED,
    "EmployWorkers": _FEED,
    "TellServiceRecords": _FEED,
    "TellVisitsSeen": _FEED,
    "ReceiveContributions": _FEED,
    "ReceivePrivileges": _FEED,
    "OpenUpload": "an id of the sender's own making; another source's file is another file",
    "HandInContributionFile": "a file by its own name",
    "GetDecision": "public once it is signed; before that an executor is told there is none",
    "ListDecisionLines": "as GetDecision: plans and sums, no executor",
    "OfferForSigning": "bytes the session itself will send; seen by whoever offered it",
    "GiveConsent": "the session's own person",
    "WithdrawConsents": "the session's own person",
    "ConnectChat": "the bot proves the chat, the citizen's own token the person",
    "LeaveChat": "the bot proves the chat",
    "SpeakInChat": "the bot proves the chat",
    "ClaimNotice": "the next notice, for the one bot; the id is of its own making",
    "ReportNotice": "an id of the bot's own making",
    "RepresentPerson": "confirmed by the state database, not by this service",
    "TakeExtract": "the session's own person",
    "RegisterComplaint": "the session's own person; the clinic it names is public",
}
