"""Examples of supplementary agreements in the description of the API."""

from backend.allocation.application.api import EXECUTOR_ID
from backend.allocation.contract.api import CONTRACT_ID
from backend.allocation.decision.examples import HASH
from backend.allocation.plan.examples import LINE_ID
from backend.allocation.plan_change.api import CHANGE_ID

AMENDMENT_ID = "01980000-0000-7000-8000-0000000000b7"
AMENDMENT = {
    "amendment_id": AMENDMENT_ID,
    "number": "2026-MHI-000001/1",
    "contract_id": CONTRACT_ID,
    "change_id": CHANGE_ID,
    "executor_id": EXECUTOR_ID,
    "executor_bin": "061211600012",
    "executor_name": "«Жетісу» клиникасы",
    "status": "IN_SIGNING",
    "amount_before_tiyn": 1138270774,
    "amount_after_tiyn": 1234567000,
    "content_sha256": HASH,
    "formed_at": "2026-07-01T05:00:00Z",
    "issuer_signed_at": "2026-07-01T06:00:00Z",
    "executor_signed_at": None,
    "withdrawn_at": None,
}
LINE = {
    "line_id": LINE_ID,
    "code": "2026-mhi-75-cdc",
    "title_kk": "КДК",
    "title_ru": "КДП",
    "unit": "service",
    "tariff_tiyn": 1234567,
    "units_before": 922,
    "units_after": 1000,
    "amount_before": 1138270774,
    "amount_after": 1234567000,
}
