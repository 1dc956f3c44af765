"""`make demo` as a stranger runs it: killed half-way, then told to the end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# CONTRACT.md: "The checks include, by these names"
PROMISED = {
    "policies-issued",
    "late-application-refused",
    "forged-signature-refused",
    "decision-replayed",
    "contracts-signed-both",
    "visits-graded",
    "duplicate-act-refused",
    "suspension-s3-and-resumed",
    "payment-once-despite-lost-answer",
    "ledger-balanced",
    "terms-kept",
    "log-verified",
    "citizen-status-explained",
    "bot-dispute-registered",
    "no-personal-data-in-logs",
}
MONEY = {
    "planned_tiyn",
    "allocated_tiyn",
    "residue_tiyn",
    "contracted_tiyn",
    "accepted_tiyn",
    "paid_tiyn",
}
LIMIT_S = 600


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Servers of its own: this test ends processes without warning."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SAQTAU_")}
    return {**clean, "SAQTAU_HOME": str(tmp_path / "дом с пробелом")}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "backend.app.cli", "demo", *arguments]


def test_a_killed_demo_leaves_nothing_in_the_way_of_the_next(
    environment: dict[str, str], tmp_path: Path
) -> None:
    kill_half_way(environment)
    file = tmp_path / "out.json"
    told = subprocess.run(
        command("--once", "--json", str(file)),
        env=environment,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert told.returncode == 0, told.stderr.decode()[-4000:]
    summary = json.loads(file.read_bytes())
    assert summary["ok"] is True
    checks = {c["name"]: c["ok"] for c in summary["checks"]}
    assert len(checks) >= 20
    assert checks.keys() >= PROMISED
    assert all(checks.values())
    assert summary["money"].keys() == MONEY
    money = summary["money"]
    assert money["planned_tiyn"] == money["allocated_tiyn"] + money["residue_tiyn"]
    assert money["paid_tiyn"] <= money["accepted_tiyn"] <= money["contracted_tiyn"]
    assert money["paid_tiyn"] > 0
    assert money["contracted_tiyn"] <= money["allocated_tiyn"]
    assert set(summary) == {"ok", "checks", "counts", "money", "durations_s"}


def kill_half_way(environment: dict[str, str]) -> None:
    """Start the demo, let its service answer a while, then kill -9 the demo alone."""
    demo = subprocess.Popen(
        command("--once"),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + LIMIT_S
    while time.monotonic() < until and demo.poll() is None:
        # not all below: folders come and go there while the programs are put in their place
        logs = list(Path(environment["SAQTAU_HOME"]).glob("*/demo/logs/serve.log"))
        if logs and logs[0].stat().st_size > 50_000:
            break
        time.sleep(0.1)
    assert demo.poll() is None, "the demo was to be killed while it ran"
    demo.send_signal(signal.SIGKILL)
    demo.wait()
