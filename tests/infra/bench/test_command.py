"""`saqtau bench` from outside: the array of CONTRACT.md, the exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra.bench import report, suite
from infra.bench.model import Result

KEYS = ["name", "ratio", "of", "target", "higher_is_better", "samples", "detail"]
NAMES = {
    "status-get", "checkin-post", "ecp-gost", "ecp-cms", "issuance", "registry-verify",
    "entitlement", "allocation", "act-50k", "bot-update",
}  # fmt: skip


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "bench", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_a_tiny_run_prints_one_array_and_nothing_else() -> None:
    ran = bench("allocation", "ecp-gost", "--seconds", "0.2", "--json")
    assert ran.returncode == 0, ran.stderr
    rows = json.loads(ran.stdout)
    assert [r["name"] for r in rows] == ["allocation", "ecp-gost"]
    for row in rows:
        assert list(row) == KEYS
        assert row["ratio"] > 0
        assert len(row["samples"]) >= 5
        assert sorted(row["samples"])[len(row["samples"]) // 2] == row["ratio"]
        assert row["detail"]["errors"] == 0
    assert rows[0]["higher_is_better"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such"], ["allocation", "--seconds", "nan"], ["--seconds", "0"],
        ["--seconds", "x"], ["--no-such-option"],
    ],
)  # fmt: skip
def test_an_argument_that_cannot_be_read_is_exit_2(arguments: list[str]) -> None:
    ran = bench(*arguments)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert json.loads(ran.stderr)["code"] == "BAD_ARGUMENT"


def test_only_names_of_the_contract_and_all_of_them_without_a_name() -> None:
    assert set(suite.BENCHMARKS) <= NAMES
    assert suite.chosen([]) == list(suite.BENCHMARKS)
    assert suite.chosen(["ecp-gost", "allocation", "ecp-gost"]) == ["ecp-gost", "allocation"]
    assert suite.chosen(["attachments"]) == ["attachments"]  # beyond the contract: by name alone


def test_results_are_kept_as_json_and_pictures(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    results = [
        Result(
            "status-get", 0.41, "pgbench, same SQL", 0.35, True, [0.4, 0.41, 0.43], {"unit": "x"}
        ),
        Result("ecp-cms", 0.8, "bare", None, True, [0.8], {}),
    ]
    kept = report.keep(results, datetime(2026, 4, 6, tzinfo=UTC), tmp_path)
    assert json.loads(kept.read_text())[0]["samples"] == [0.4, 0.41, 0.43]
    pictures = sorted(tmp_path.glob("*.png"))
    assert [p.name for p in pictures] == ["ecp-cms.png", "ratios.png", "status-get.png"]
    assert all(p.read_bytes().startswith(b"\x89PNG") for p in pictures)
