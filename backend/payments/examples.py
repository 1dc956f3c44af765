"""Examples for the OpenAPI, shared by the rooms of this wing."""

from backend.signing.errors import (
    CertRevoked,
    DocumentAlreadyUsed,
    DocumentMalformed,
    NotSignerOfOrg,
    RevocationUnknown,
    SignatureInvalid,
)

SIGNING_ERRORS = (
    SignatureInvalid,
    DocumentMalformed,
    CertRevoked,
    NotSignerOfOrg,
    RevocationUnknown,
    DocumentAlreadyUsed,
)
SIGNED = {"document": "eyJvcGVyYXRpb24iOi…", "signature": "MIIF…"}
ACT_ID = "01980000-0000-7000-8000-0000000000d1"
CONTRACT_ID = "01980000-0000-7000-8000-0000000000b1"
EXECUTOR_ID = "01980000-0000-7000-8000-00000000c001"
LINE_ID = "01980000-0000-7000-8000-0000000000a3"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ACT = {
    "act_id": ACT_ID,
    "contract_id": CONTRACT_ID,
    "contract_number": "2026-MHI-000001",
    "executor_id": EXECUTOR_ID,
    "executor_name": "№ 5 қалалық емхана",
    "source": "mhi",
    "number": "2026-05/1",
    "period_from": "2026-05-01",
    "period_to": "2026-05-31",
    "status": "CHECK_PASSED",
    "seq_no": 17,
    "submitted_at": "2026-06-01T05:00:00Z",
    "cases": 100,
    "no_qr": 12,
    "total_tiyn": 123456700,
    "content_sha256": SHA256,
    "frozen": None,
    "held": None,
    "signed_at": None,
    "paid_at": None,
    "confirmed": 40,
    "disputed": 1,
}
CASE = {
    "case_id": "01980000-0000-7000-8000-0000000000d2",
    "line_no": 1,
    "service_record_id": "MIS-0001",
    "service_code": "A02.004.000",
    "line_id": LINE_ID,
    "units": 1,
    "amount_tiyn": 1234567,
    "service_date": "2026-05-18",
    "grade": "QR_BIOMETRIC",
    "errors": [],
    "mark": "DISPUTED",
    "complaint_id": "01980000-0000-7000-8000-0000000000d3",
}
SUSPENSION = {
    "suspension_id": "01980000-0000-7000-8000-0000000000e1",
    "executor_id": EXECUTOR_ID,
    "contract_id": CONTRACT_ID,
    "act_id": ACT_ID,
    "ground": "S3",
    "status": "ACTIVE",
    "detected_at": "2026-06-10T05:00:00Z",
    "remove_by": "2026-10-12",
    "origin": "SYSTEM",
    "basis": "60 / 100",
    "basis_sha256": None,
    "facts": {"no_qr": 60, "cases": 100},
    "resolution": None,
    "resolution_sha256": None,
    "resumed_at": None,
    "terminated_from": None,
}
INVOICE = {
    "invoice_id": "01980000-0000-7000-8000-0000000000f1",
    "act_id": ACT_ID,
    "number": "ESF-1",
    "issued_on": "2026-06-02",
    "total_tiyn": 123456700,
    "status": "ISSUED",
    "issued_at": "2026-06-02T05:00:00Z",
    "confirmed_at": None,
    "registration_number": None,
}
INVOICE_DIFFERENCE = {
    "difference_id": "01980000-0000-7000-8000-0000000000f9",
    "invoice_id": INVOICE["invoice_id"],
    "act_id": ACT_ID,
    "kind": "CONTENT_DIFFERS",
    "detail": {"amount": ["1234567.00", "1234568.00"]},
    "mended": False,
    "found_at": "2026-06-03T05:00:00Z",
    "gone_at": None,
}
FUNDING_INVOICE = {
    "invoice_id": "01980000-0000-7000-8000-0000000000f2",
    "number": "MHI-2026-06",
    "source": "moh_mhi",
    "payer_bin": "000740000728",
    "amount_tiyn": 500000000000,
    "paid_tiyn": 0,
    "issued_at": "2026-06-01T05:00:00Z",
}
TRANSFER = {
    "transfer_id": "01980000-0000-7000-8000-0000000000f3",
    "kind": "moh_mhi",
    "destination": "nbk",
    "reference": "MOH-1",
    "invoice_id": FUNDING_INVOICE["invoice_id"],
    "amount_tiyn": 500000000000,
    "received_at": "2026-06-01T06:00:00Z",
}
REGISTER_ID = "01980000-0000-7000-8000-0000000000f4"
REGISTER = {
    "register_id": REGISTER_ID,
    "number": 1,
    "source": "mhi",
    "status": "FORMED",
    "formed_at": "2026-06-03T05:00:00Z",
    "row_count": 1,
    "total_tiyn": 123456700,
    "content_sha256": SHA256,
    "signed_at": None,
    "delivered_at": None,
    "refusal": None,
}
ROW = {
    "no": 1,
    "sender": "«Әлеуметтік медициналық сақтандыру қоры» КЕАҚ",
    "recipient": "№ 5 қалалық емхана",
    "recipient_bin": "100140000003",
    "basis": "2026-MHI-000001, 2026-04-22",
    "service_name": "Консультациялық-диагностикалық көмек",
    "sender_account": "KZ24070105KSN0000000",
    "recipient_account": "KZ18722S000012345678",
    "act_number": "2026-05/1",
    "act_date": "2026-06-02",
    "service_period": "2026-05-01 - 2026-05-31",
    "recipient_bic": "CASPKZKA",
    "sum_tiyn": 123456700,
}
ORDER_ID = "01980000-0000-7000-8000-0000000000f5"
ORDER = {
    "order_id": ORDER_ID,
    "register_id": REGISTER_ID,
    "act_id": ACT_ID,
    "executor_id": EXECUTOR_ID,
    "source": "mhi",
    "message_id": ORDER_ID.replace("-", ""),
    "status": "VERIFIED",
    "amount_tiyn": 123456700,
    "checks": [
        {"check": "requisites", "ok": True, "code": None, "at": "2026-06-03T05:10:00Z"},
        {"check": "sum", "ok": True, "code": None, "at": "2026-06-03T05:10:00Z"},
        {"check": "period", "ok": True, "code": None, "at": "2026-06-03T05:10:00Z"},
        {"check": "basis", "ok": True, "code": None, "at": "2026-06-03T05:10:00Z"},
        {"check": "duplicate", "ok": True, "code": None, "at": "2026-06-03T05:10:00Z"},
    ],
    "message": "PD94bWwgdmVyc2lvbj0nMS4wJyBlbmNvZGluZz0nVVRGLTgnPz4K…",
    "signed_at": None,
    "sent_at": None,
    "finished_at": None,
    "reason": None,
    "replaces": None,
}
DECISION_ID = "01980000-0000-7000-8000-0000000000f6"
FUNDING_TERM = {
    "transfer_id": TRANSFER["transfer_id"],
    "kind": "moh_mhi",
    "reference": "MOH-1",
    "amount_tiyn": 500000000000,
    "received_at": "2026-06-01T06:00:00Z",
    "due_on": "2026-07-01",
    "done_at": None,
    "state": "RUNNING",
    "days_left": 28,
}
BOOKING = {
    "booking_id": "01980000-0000-7000-8000-0000000000f7",
    "account": "KZ24070105KSN0000000",
    "reference": "KT000000000001",
    "booked_on": "2026-06-03",
    "direction": "DBIT",
    "returned": False,
    "amount_tiyn": 123456700,
    "end_to_end_id": ORDER_ID.replace("-", ""),
    "reason": None,
    "status": "MATCHED",
    "order_id": ORDER_ID,
    "transfer_id": None,
    "seen_at": "2026-06-03T06:00:00Z",
    "explanation": None,
    "explained_at": None,
}
STATEMENT = {
    "statement_id": "01980000-0000-7000-8000-0000000000f8",
    "kind": "camt.053",
    "account": "KZ24070105KSN0000000",
    "number": 2,
    "document_id": "S-0000000002",
    "made_at": "2026-06-03T19:00:05Z",
    "day": "2026-06-03",
    "opening_tiyn": 500000000000,
    "closing_tiyn": 499876543300,
    "entries": 1,
    "sha256": SHA256,
    "imported_at": "2026-06-03T19:01:00Z",
}
TOTALS = {
    "source": "mhi",
    "planned_tiyn": 1000000000000,
    "residue_tiyn": 100000000000,
    "contracted_tiyn": 900000000000,
    "accepted_tiyn": 123456700,
    "ordered_tiyn": 123456700,
    "paid_tiyn": 0,
    "returned_tiyn": 0,
}
