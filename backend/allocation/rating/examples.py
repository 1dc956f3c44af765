"""Examples of the OpenAPI."""

from typing import Any

EXECUTOR_ID = "01980000-0000-7000-8000-0000000000a5"
ORIGIN = {
    "source_system": "СҚБЖ",
    "period": "2025",
    "reference": "Бұйрық №170, хаттама 12",
}
IMPORTED: dict[str, Any] = {
    "import_id": "01980000-0000-7000-8000-0000000000a6",
    "kind": "RATING",
    "rows": 1,
    "rows_sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    "imported_at": "2026-04-06T05:00:00Z",
}
INDICATOR_DRAFT = {
    "service_type": "phc",
    "code": "P2",
    "title_kk": "МСАК консультациясын алған бекітілген халық",
    "title_ru": "Прикреплённое население, получившее консультацию ПМСП",
    "title_en": "Attached population that had a PHC consultation",
    "definition": "Бекітілгендердің ішінде кемінде бір рет консультация алғандардың үлесі",
    "unit": "%",
    "source_system": "СҚБЖ",
    "formula_ref": "Бұйрық №170",
    "scale": "at_least",
    "target": "50",
    "weight": "1",
    "valid_from": "2026-01-01",
}
INDICATOR = {
    "indicator_id": "01980000-0000-7000-8000-0000000000b1",
    **INDICATOR_DRAFT,
    "max_points": None,
    "valid_to": None,
}
COMPUTED = {
    "imported": {**IMPORTED, "rows": 66},
    "indicators": 7,
    "executors": 66,
    "scores": 66,
    "newcomers": 3,
}
RATING = {
    "executor_id": EXECUTOR_ID,
    "executor_name": "«Жетісу» клиникасы",
    "service_type": "cdc",
    "score_milli": 4700,
    "accreditation_rank": 1,
    "no_history": False,
    "import_id": IMPORTED["import_id"],
    "imported_at": IMPORTED["imported_at"],
}
PUBLIC_RATING = {
    "rating": {
        "executor_id": EXECUTOR_ID,
        "bin": "061211600012",
        "name": "«Жетісу» клиникасы",
        "service_type": "cdc",
        "score_milli": 4700,
        "accreditation_rank": 1,
        "no_history": False,
        "period": "2025",
        "imported_at": IMPORTED["imported_at"],
    },
    "group": "I",
}
EXPLAINED = {
    "rating": RATING,
    "group": "I",
    "parts": [
        {
            "code": "P2",
            "title": "Attached population that had a PHC consultation",
            "unit": "%",
            "scale": "at_least",
            "target": "50",
            "max_points": None,
            "weight": "1",
            "formula_ref": "Бұйрық №170",
            "state": "COUNTED",
            "value": "63.5",
            "attained": "1",
            "source_system": "СҚБЖ",
            "reference": "Хат 17-2",
            "imported_at": IMPORTED["imported_at"],
            "explanation": "At least 50 is wanted, the value is 63.5: met, its part is 1.",
        }
    ],
}
PROFILE = {
    "executor_id": EXECUTOR_ID,
    "name": "«Жетісу» клиникасы",
    "ratings": [{"rating": RATING, "group": "I"}],
    "capacities": [
        {
            "service_type": "cdc",
            "region": "75",
            "unit": "service",
            "capacity": 1000,
            "as_of": "2026-04-06T05:00:00Z",
        }
    ],
    "factors": [
        {
            "kind": "ACCREDITATION",
            "value": 2,
            "note": "№ 17",
            "source_system": "АО",
            "period": "2026",
            "reference": "Куәлік",
            "imported_at": IMPORTED["imported_at"],
        }
    ],
}
