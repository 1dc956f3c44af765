import json
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backend.app.cli import saqtau

RECEIPT = {
    "paid_on": "2026-06-10",
    "period": "2026-06",
    "kind": "deduction",
    "amount_tiyn": 510_000,
    "refunded_tiyn": 0,
}
CATEGORY = {"code": "7", "from": "2020-01-01", "to": None}


def case(**changes: Any) -> dict[str, Any]:
    return {
        "on": "2026-06-15",
        "categories": [],
        "receipts": [],
        "self_payer": False,
        **changes,
    }


def run(document: Any) -> Result:
    text = document if isinstance(document, (str, bytes)) else json.dumps(document)
    return CliRunner().invoke(saqtau, ["mhi-status", "-"], input=text)


def test_an_insured_person_is_exit_0() -> None:
    outcome = run(case(receipts=[RECEIPT]))
    assert outcome.exit_code == 0
    told = json.loads(outcome.stdout)
    assert list(told) == ["status", "basis", "until", "arrears", "explanation"]
    assert (told["status"], told["basis"], told["until"]) == (
        "CONSUMER",
        "PAID_MONTH",
        "2026-06-30",
    )
    assert told["arrears"]["months"][0] == "2025-06"
    assert told["arrears"]["amount_tiyn"] == 5_100_000
    assert set(told["explanation"]) == {"kk", "ru", "en"}


def test_an_uninsured_person_is_exit_1() -> None:
    outcome = run(case())
    assert outcome.exit_code == 1
    told = json.loads(outcome.stdout)
    assert (told["status"], told["basis"], told["until"]) == ("NOT_CONSUMER", None, None)


def test_an_open_category_has_no_end() -> None:
    for open_end in (CATEGORY, {"code": "7", "from": "2020-01-01"}):
        outcome = run(case(categories=[open_end]))
        assert outcome.exit_code == 0
        assert json.loads(outcome.stdout)["until"] is None


def test_a_category_may_end_with_the_calendar() -> None:
    outcome = run(case(categories=[{**CATEGORY, "to": "9999-12-31"}]))
    assert json.loads(outcome.stdout)["until"] == "9999-12-31"


def without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if k != key}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], "$"),
        (None, "$"),
        ({}, "$"),
        (without(case(), "on"), "$"),
        (without(case(), "categories"), "$"),
        (without(case(), "receipts"), "$"),
        (without(case(), "self_payer"), "$"),
        (case(more=1), "$"),
        (case(**{"\ud800": 1}), "$"),
        (case(on="2026-02-30"), "$.on"),
        (case(on="15.06.2026"), "$.on"),
        (case(on="2026-06-15T00:00:00Z"), "$.on"),
        (case(on=20260615), "$.on"),
        (case(on=None), "$.on"),
        (case(on="\ud800"), "$.on"),
        (case(on="0001-01-01"), "$.on"),
        (case(on="9999-12-31"), "$.on"),
        (case(self_payer=1), "$.self_payer"),
        (case(self_payer="true"), "$.self_payer"),
        (case(self_payer=None), "$.self_payer"),
        (case(categories={}), "$.categories"),
        (case(categories=["7"]), "$.categories[0]"),
        (case(categories=[CATEGORY, {**CATEGORY, "code": 7}]), "$.categories[1].code"),
        (case(categories=[{**CATEGORY, "code": "16"}]), "$.categories[0].code"),
        (case(categories=[{**CATEGORY, "from": None}]), "$.categories[0].from"),
        (case(categories=[{**CATEGORY, "from": "2026-13-01"}]), "$.categories[0].from"),
        (case(categories=[{**CATEGORY, "to": "2019-12-31"}]), "$.categories[0].to"),
        (case(categories=[{**CATEGORY, "until": None}]), "$.categories[0]"),
        (case(categories=[without(CATEGORY, "from")]), "$.categories[0]"),
        (case(receipts=[RECEIPT, {**RECEIPT, "amount_tiyn": -1}]), "$.receipts[1].amount_tiyn"),
        (case(receipts=[{**RECEIPT, "amount_tiyn": 100.0}]), "$.receipts[0].amount_tiyn"),
        (case(receipts=[{**RECEIPT, "amount_tiyn": True}]), "$.receipts[0].amount_tiyn"),
        (case(receipts=[{**RECEIPT, "amount_tiyn": "1"}]), "$.receipts[0].amount_tiyn"),
        (case(receipts=[{**RECEIPT, "amount_tiyn": 10**18 + 1}]), "$.receipts[0].amount_tiyn"),
        (case(receipts=[{**RECEIPT, "amount_tiyn": 10**300}]), "$.receipts[0].amount_tiyn"),
        (case(receipts=[{**RECEIPT, "amount_tiyn": None}]), "$.receipts[0].amount_tiyn"),
        (case(receipts=[{**RECEIPT, "refunded_tiyn": 510_001}]), "$.receipts[0].refunded_tiyn"),
        (case(receipts=[{**RECEIPT, "refunded_tiyn": -1}]), "$.receipts[0].refunded_tiyn"),
        (case(receipts=[{**RECEIPT, "period": "2026-13"}]), "$.receipts[0].period"),
        (case(receipts=[{**RECEIPT, "period": "2026-00"}]), "$.receipts[0].period"),
        (case(receipts=[{**RECEIPT, "period": "2026-6"}]), "$.receipts[0].period"),
        (case(receipts=[{**RECEIPT, "period": "2026-06\n"}]), "$.receipts[0].period"),
        (case(receipts=[{**RECEIPT, "period": "2026-06-01"}]), "$.receipts[0].period"),
        (case(receipts=[{**RECEIPT, "period": "٢٠٢٦-٠٦"}]), "$.receipts[0].period"),
        (case(receipts=[{**RECEIPT, "kind": "gift"}]), "$.receipts[0].kind"),
        (case(receipts=[{**RECEIPT, "paid_on": "2026-06-31"}]), "$.receipts[0].paid_on"),
        (case(receipts=[{**RECEIPT, "iin": "1"}]), "$.receipts[0]"),
        (case(receipts=[without(RECEIPT, "period")]), "$.receipts[0]"),
    ],
)
def test_a_bad_case_is_refused_with_its_place(document: Any, path: str) -> None:
    outcome = run(document)
    assert outcome.exit_code == 1
    told = json.loads(outcome.stdout)
    assert (told["code"], told["path"]) == ("BAD_CASE", path)
    assert told["detail"]
    assert outcome.stderr == ""


def test_a_key_that_stands_twice_is_refused() -> None:
    outcome = run('{"on": "2026-06-15", "on": "2026-06-16"}')
    assert outcome.exit_code == 1
    assert json.loads(outcome.stdout)["code"] == "BAD_CASE"


def test_a_year_without_a_minimum_wage_is_refused_not_guessed() -> None:
    outcome = run(case(on="2023-06-15"))
    assert outcome.exit_code == 1
    told = json.loads(outcome.stdout)
    assert (told["code"], told["path"]) == ("MINIMUM_WAGE_UNKNOWN", "$.on")
    assert "2023" in told["detail"]


def test_a_refund_in_a_row_of_its_own_unmakes_the_month() -> None:
    refund = {**RECEIPT, "amount_tiyn": 0}
    whole = run(case(receipts=[RECEIPT, {**refund, "refunded_tiyn": 510_000}]))
    assert (whole.exit_code, json.loads(whole.stdout)["status"]) == (1, "NOT_CONSUMER")
    partly = run(case(receipts=[{**refund, "refunded_tiyn": 509_999}, RECEIPT]))
    assert (partly.exit_code, json.loads(partly.stdout)["basis"]) == (0, "PAID_MONTH")
    over = run(case(receipts=[RECEIPT, {**refund, "refunded_tiyn": 510_001}]))
    assert json.loads(over.stdout)["path"] == "$.receipts[1].refunded_tiyn"


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"NaN", b'{"on": 1e400}'])
def test_what_is_no_json_or_no_case_never_breaks(text: bytes) -> None:
    outcome = run(text)
    assert outcome.exit_code in {1, 2}
    assert outcome.stdout.count("\n") + outcome.stderr.count("\n") == 1
    assert "Traceback" not in outcome.stderr


def test_a_file_that_is_not_there_is_exit_2() -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "mhi-status", "no-such-file.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert "code" in json.loads(outcome.stderr)
