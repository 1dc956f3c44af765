"""`saqtau allocate` at a terminal: a table and the reasons; everywhere else the contract's JSON."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

CASE = {
    "line": {"id": "2026-mhi-75-cdc", "unit": "service", "plan": 2500, "tariff_tiyn": 1234567,
             "base_kind": "capacity"},
    "applications": [
        {"id": "A[x]", "score": 4900, "base": 1000, "req": 2000, "t": 1},
        {"id": "B", "score": 4700, "base": 700, "req": 2000, "t": 2},
        {"id": "C", "score": 3500, "base": 1333, "req": 2000, "t": 3},
    ],
}  # fmt: skip


def at_a_terminal(*words: str) -> tuple[int, str]:
    """What a person sees; exit code and text."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "backend.app.cli", "allocate", *words]
    environment = {**os.environ, "COLUMNS": "160", "TERM": "xterm"}
    process = subprocess.Popen(command, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(master)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())
    return process.wait(30), " ".join(plain.replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture
def case_file(tmp_path: Path) -> str:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE), encoding="utf-8")
    return str(path)


def test_a_person_sees_a_table_and_the_reasons(case_file: str) -> None:
    code, shown = at_a_terminal(case_file, "--language", "ru")
    assert code == 0
    assert "│ 1 │ A[x] │ I │ 4,900 │ 800 │ 950 │ 922 │ 11 382 707,74 ₸ │" in shown
    assert "План: 2 500 услуг." in shown
    assert "Распределено: 922 услуги." in shown
    assert "{" not in shown
    assert "Жоспар: 2 500 қызмет." in at_a_terminal(case_file)[1]


def test_json_on_a_terminal_is_asked_for(case_file: str) -> None:
    code, shown = at_a_terminal(case_file, "--json")
    assert code == 0
    assert json.loads(shown)["shares"][0]["allocated"] == 922


def test_a_refusal_is_json_on_a_terminal_too(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(json.dumps({**CASE, "more": 1}), encoding="utf-8")
    code, shown = at_a_terminal(str(path))
    assert (code, json.loads(shown)["code"]) == (1, "BAD_CASE")


@pytest.mark.parametrize("words", [(), ("a.json", "--bundle", "b.json")])
def test_one_of_the_two_is_wanted(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "allocate", *words],
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert json.loads(done.stderr)["code"] == "BAD_ARGUMENT"
