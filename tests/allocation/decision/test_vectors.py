"""The worked examples of domain 5.5, given to us by the domain's author."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest

from backend.allocation.decision import case as cases
from backend.allocation.decision import rules
from backend.allocation.decision.errors import LimitExceeded

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("SAQTAU_VECTORS", ROOT.parent / "shared" / "vectors"))
FILE = FOLDER / "allocation_vectors.json"
VECTORS: list[dict[str, Any]] = json.loads(FILE.read_bytes()) if FILE.exists() else []

# CONTRACT.md, `saqtau allocate`: the input and the whole output but the two version fields.
CONTRACT_CASE: dict[str, Any] = {
    "line": {
        "id": "2026-mhi-75-cdc",
        "unit": "service",
        "plan": 2500,
        "tariff_tiyn": 1234567,
        "limit_tiyn": None,
        "base_kind": "capacity",
        "v_max_percent": 25,
        "phc_full": False,
    },
    "applications": [
        {
            "id": name,
            "bin": number,
            "score_milli": score,
            "base": base,
            "requested": 2000,
            "capacity": None,
            "accreditation_rank": 0,
            "seq_no": seq_no,
        }
        for name, number, score, base, seq_no in (
            ("A", "061211600012", 4900, 1000, 1),
            ("B", "061211600023", 4700, 700, 2),
            ("C", "061211600034", 3500, 1333, 3),
        )
    ],
}
CONTRACT_CASE["applications"][0]["co_executors"] = [{"id": "A1", "requested": 300}]
CONTRACT_ANSWER = """
{"line_id": "2026-mhi-75-cdc", "mode": "MIN_PLUS_SUPPLEMENT", "sum_min": 2293, "sum_max": 2748, "residue": 0, "amount_tiyn": 3086417500,
 "shares": [
  {"id": "A", "group": "I", "min": 800, "max": 950, "allocated": 922, "amount_tiyn": 1138270774, "reason": null,
   "co_executors": [{"id": "A1", "allocated": 138}]},
  {"id": "B", "group": "I", "min": 560, "max": 665, "allocated": 645, "amount_tiyn": 796295715, "reason": null, "co_executors": []},
  {"id": "C", "group": "II", "min": 933, "max": 1133, "allocated": 933, "amount_tiyn": 1151851011, "reason": null, "co_executors": []}]}
"""


def decided(document: dict[str, Any]) -> dict[str, Any]:
    case = cases.read_case(document)
    return cases.answer(case, rules.allocate(case.line, case.applications))


def test_the_vectors_are_all_there() -> None:
    assert not FILE.exists() or len(VECTORS) == 14


@pytest.mark.parametrize("base_kind", ["capacity", "application", "fact"])
@pytest.mark.parametrize("unit", ["service", "tiyn"])
@pytest.mark.parametrize("vector", VECTORS, ids=[v["name"].split()[0] for v in VECTORS])
def test_vector(vector: dict[str, Any], unit: str, base_kind: str) -> None:
    tariff = {"tariff_tiyn": 3} if unit == "service" else {}
    line = {"id": "TV", "unit": unit, "plan": vector["plan"], "base_kind": base_kind, **tariff}
    answer = decided({"line": line, "applications": vector["providers"]})

    trace = vector["trace"]
    assert answer["mode"] == trace["mode"]
    assert (answer["sum_min"], answer["sum_max"]) == (trace["sum_min"], trace["sum_max"])
    assert answer["residue"] == trace["remainder"]
    for share in answer["shares"]:
        wanted = vector["result"][share["id"]]
        assert {k: share[k] for k in ("group", "min", "max")} == {
            k: wanted[k] for k in ("group", "min", "max")
        }
        assert share["allocated"] == wanted["alloc"]
        assert share["amount_tiyn"] == wanted["alloc"] * (3 if tariff else 1)
    assert len(answer["shares"]) == len(vector["result"])


def test_the_contract_example_is_answered_to_the_letter() -> None:
    answer = decided(CONTRACT_CASE)
    assert len(answer.pop("input_sha256")) == 64
    assert answer.pop("algorithm")
    wanted = json.loads(CONTRACT_ANSWER)
    assert answer == wanted
    assert list(answer) == list(wanted)
    assert list(answer["shares"][0]) == list(wanted["shares"][0])


def test_money_vector_with_a_limit_of_the_exact_sum() -> None:
    document = copy.deepcopy(CONTRACT_CASE)
    document["line"]["limit_tiyn"] = 3_086_417_500
    assert decided(document)["amount_tiyn"] == 2500 * 1_234_567


def test_limit_vector_one_tiyn_less_blocks_the_decision() -> None:
    document = copy.deepcopy(CONTRACT_CASE)
    document["line"]["limit_tiyn"] = 3_086_417_499
    with pytest.raises(LimitExceeded) as refused:
        decided(document)
    assert refused.value.path == "line.limit_tiyn"


def test_co_executor_vector() -> None:
    """D23: 100 asked = own 50 + X 30 + Y 20, 77 received: 39, 23 and 15."""
    line = {"id": "L", "unit": "tiyn", "plan": 77, "base_kind": "application"}
    parts = [{"id": "X", "requested": 30}, {"id": "Y", "requested": 20}]
    application = {"id": "A", "score_milli": 4600, "base": 90, "requested": 100, "seq_no": 1}
    (share,) = decided({"line": line, "applications": [{**application, "co_executors": parts}]})[
        "shares"
    ]
    assert share["allocated"] == 77
    assert share["co_executors"] == [{"id": "X", "allocated": 23}, {"id": "Y", "allocated": 15}]
