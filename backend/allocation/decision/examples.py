"""Examples of the OpenAPI."""

from typing import Any

from backend.allocation.plan.examples import ANNOUNCEMENT_ID, LINE_ID, PLAN_ID

DECISION_ID = "01980000-0000-7000-8000-0000000000a7"
HASH = "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
DECISION = {
    "decision_id": DECISION_ID,
    "announcement_id": ANNOUNCEMENT_ID,
    "plan_id": PLAN_ID,
    "year": 2026,
    "status": "CALCULATED",
    "algorithm": "saqtau-a2022-1",
    "input_sha256": HASH,
    "result_sha256": HASH,
    "calculated_at": "2026-04-20T05:00:00Z",
    "signed_at": None,
    "executed_at": None,
    "annulled_at": None,
    "annulment_reason": None,
    "lines": 100,
    "shares": 330,
    "amount_tiyn": 250000000000000,
    "residue_tiyn": 10000000000000,
}
PUBLIC_DECISION = {
    "decision_id": DECISION_ID,
    "announcement_id": ANNOUNCEMENT_ID,
    "plan_id": PLAN_ID,
    "year": 2026,
    "status": "SIGNED",
    "algorithm": "saqtau-a2022-1",
    "result_sha256": HASH,
    "calculated_at": "2026-04-20T05:00:00Z",
    "signed_at": "2026-04-20T06:00:00Z",
    "sealed_at": "2026-04-20T06:00:01Z",
    "lines": 100,
    "shares": 330,
    "amount_tiyn": 250000000000000,
    "residue_tiyn": 10000000000000,
}
LINE = {
    "line_id": LINE_ID,
    "line_code": "2026-mhi-75-cdc",
    "source": "mhi",
    "region": "75",
    "service_type": "cdc",
    "unit": "service",
    "mode": "MIN_PLUS_SUPPLEMENT",
    "plan": 2500,
    "sum_min": 2293,
    "sum_max": 2748,
    "residue": 0,
    "amount_tiyn": 3086417500,
    "shares": 3,
    "explanation": "Plan: 2,500 services. All minimums together: 2,293; all maximums: 2,748. …",
}
SHARE: dict[str, Any] = {
    "line_id": LINE_ID,
    "line_code": "2026-mhi-75-cdc",
    "application_id": "01980000-0000-7000-8000-0000000000a4",
    "executor_id": "01980000-0000-7000-8000-0000000000a5",
    "executor_name": "«Жетісу» клиникасы",
    "seq_no": 1,
    "group": "I",
    "min": 800,
    "max": 950,
    "allocated": 922,
    "amount_tiyn": 1138270774,
    "reason": None,
    "no_history": False,
    "origin": {
        "rating_import_id": "01980000-0000-7000-8000-0000000000a6",
        "own_capacity": 1000,
        "capacity_as_of": "2026-04-01T05:00:00Z",
        "capacity_run_id": "01980000-0000-7000-8000-0000000000a8",
    },
    "warnings": ["CO_EXECUTION_ABOVE_CITY_CEILING"],
    "explanation": "Score 4.900, rounded to tenths 4.9: group I. …",
}
BUNDLE = {
    "format": "saqtau-decision-1",
    "algorithm": "saqtau-a2022-1",
    "announcement_id": ANNOUNCEMENT_ID,
    "input_sha256": HASH,
    "lines": [
        {
            "case": {"applications": [], "line": {}},
            "marks": {"applications": [], "line": "9d8014a0f9b1d61e"},
            "result": {},
            "source": "mhi",
        }
    ],
    "mark": "21e796d78dccdf13",
    "plan": {"plan_id": PLAN_ID, "year": 2026, "version": 1},
    "totals": [{"source": "mhi", "amount_tiyn": 1, "before_tiyn": 0, "limit_tiyn": 2}],
}
PUBLISHED = {
    "announcement_id": ANNOUNCEMENT_ID,
    "plan_id": PLAN_ID,
    "posted_at": "2026-05-20T05:00:00Z",
    "accepting_until": "2026-05-27T18:59:59Z",
}
