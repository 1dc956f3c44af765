"""Examples of monitoring for the OpenAPI."""

from backend.payments.examples import CONTRACT_ID, EXECUTOR_ID, SHA256

MONITORING_ID = "01980000-0000-7000-8000-0000000001b1"
PROTOCOL_ID = "01980000-0000-7000-8000-0000000001b2"
TASK_ID = "01980000-0000-7000-8000-0000000001b3"
FINDING_ID = "01980000-0000-7000-8000-0000000001b4"
MONITORING = {
    "monitoring_id": MONITORING_ID,
    "number": "2026-MON-00001",
    "kind": "CURRENT",
    "status": "NOTIFIED",
    "purpose": "Бюджет қаражатының мақсатты пайдаланылуы",
    "basis": None,
    "unannounced_basis": None,
    "starts_on": "2026-04-20",
    "ends_on": "2026-04-24",
    "repeats": None,
    "sample_id": None,
    "planned_at": "2026-04-06T04:00:00Z",
    "commission_id": "01980000-0000-7000-8000-0000000001b5",
    "protocol_id": None,
    "started_at": None,
    "signed_at": None,
    "closed_at": None,
    "closing": None,
}
SHOWN = {
    "monitoring": MONITORING,
    "status_text": "executors notified",
    "notify_by": "2026-04-10",
    "executors": [
        {"executor_id": EXECUTOR_ID, "bin": "100140000003", "name": "№ 5 қалалық емхана"}
    ],
    "commission": [
        {
            "no": 1,
            "kind": "CHAMBER",
            "bin": "100240000001",
            "organisation": "Алматы қаласының кәсіпкерлер палатасы",
            "name": "ОМАРОВ А.",
            "post": "сарапшы",
            "signed_at": None,
        }
    ],
    "notices": [
        {
            "executor_id": EXECUTOR_ID,
            "starts_on": "2026-04-20",
            "posted_at": "2026-04-09T04:00:00Z",
            "read_at": None,
        }
    ],
    "moves": [{"status": "PLANNED", "at": "2026-04-06T04:00:00Z", "note": None}],
}
DRAFT = {
    "nonconformities": [
        {
            "executor_id": EXECUTOR_ID,
            "code": "1.0",
            "found_by": "ISSUER",
            "text": "17 қызметтің медициналық картада жазбасы жоқ",
            "recorded_on": "2026-04-21",
            "ground": None,
            "contract_id": CONTRACT_ID,
            "act_id": None,
        }
    ],
    "recommendations": [
        {
            "executor_id": EXECUTOR_ID,
            "text": "Есепке алуды тәртіпке келтіру",
            "term": "30cd",
            "nonconformity": 1,
        }
    ],
    "earlier": [],
    "other": "",
}
VERSION = {
    "protocol_id": PROTOCOL_ID,
    "version": 1,
    "content_sha256": SHA256,
    "drafted_at": "2026-04-24T10:00:00Z",
    "signatures": 3,
    "members": 5,
    "in_force": True,
}
CONTENT = {
    "protocol_id": PROTOCOL_ID,
    "version": 1,
    "content": "eyJkb2N1bWVudCI6…",
    "content_sha256": SHA256,
}
FINDING = {
    "finding_id": FINDING_ID,
    "monitoring_id": MONITORING_ID,
    "executor_id": EXECUTOR_ID,
    "no": 1,
    "code": "1.0",
    "title": "No record of the service",
    "found_by": "ISSUER",
    "text": "17 қызметтің медициналық картада жазбасы жоқ",
    "recorded_on": "2026-04-21",
    "ground": None,
    "contract_id": CONTRACT_ID,
    "act_id": None,
    "confirmed_at": "2026-04-27T06:00:00Z",
}
TASK = {
    "task_id": TASK_ID,
    "monitoring_id": MONITORING_ID,
    "monitoring_number": "2026-MON-00001",
    "executor_id": EXECUTOR_ID,
    "no": 1,
    "finding_id": FINDING_ID,
    "text": "Есепке алуды тәртіпке келтіру",
    "due_on": "2026-05-27",
    "status": "OPEN",
    "report": None,
    "reported_at": None,
    "judgement": None,
    "judged_at": None,
}
COMMENT = {
    "comment_id": "01980000-0000-7000-8000-0000000001b6",
    "executor_id": EXECUTOR_ID,
    "text": "Карталар мұрағатта",
    "at": "2026-04-28T05:00:00Z",
}
PENALTY = {
    "penalty_id": "01980000-0000-7000-8000-0000000001b7",
    "finding_id": FINDING_ID,
    "monitoring_id": MONITORING_ID,
    "executor_id": EXECUTOR_ID,
    "kind": "PERFORMANCE",
    "contract_id": CONTRACT_ID,
    "amount_tiyn": 500000,
    "basis": "Шарттың 8-бөлімі",
    "imposed_at": "2026-04-28T05:00:00Z",
    "lifted_at": None,
    "lifted_because": None,
}
DEFECT = {
    "code": "1.0",
    "valid_from": "2026-04-06",
    "valid_to": None,
    "title_kk": "Қызмет туралы жазба жоқ",
    "title_ru": "Нет записи об услуге",
    "title_en": "No record of the service",
    "kinds": ["ISSUER", "MEDICAL_CONTROL"],
    "grounds": [],
    "basis": "Ақаулар жіктеуіші, № …",
}
