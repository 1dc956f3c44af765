"""`saqtau simulate`: before and after in one JSON document, tables at a terminal, pictures in a folder."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from backend.app import cli

PLAN = """code;source;region;service_type;care_form;title_kk;title_ru;unit;planned_units;tariff_tiyn;base_kind;payment_method
2026-mhi-75-cdc;mhi;75;cdc;outpatient;КДҚ;КДУ;service;2500;100000;capacity;fee
2026-gvfmc-10-lab;gvfmc;10;lab;outpatient;Зертхана;Лаборатория;tiyn;900000;;application;fee
"""
APPLICATIONS = """line,id,score_milli,base,requested
2026-mhi-75-cdc,A[x],4900,1000,2000
2026-mhi-75-cdc,B,4700,700,2000
2026-mhi-75-cdc,C,3500,1333,2000
2026-gvfmc-10-lab,B,4700,,500000
"""


@pytest.fixture
def tables(tmp_path: Path) -> tuple[str, str]:
    plan, applications = tmp_path / "plan.csv", tmp_path / "applications.csv"
    plan.write_text(PLAN, encoding="utf-8")
    applications.write_text(APPLICATIONS, encoding="utf-8")
    return str(plan), str(applications)


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str
) -> tuple[int, Any]:
    monkeypatch.setattr(sys, "argv", ["saqtau", "simulate", *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    told = capsys.readouterr()
    return int(left.value.code or 0), json.loads(told.out or told.err)


def test_before_and_after_by_source_region_group_and_applicant(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tables: tuple[str, str],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "pictures"
    words = (*tables, "--plan-percent", "80", "--score", "C=4800", "--plots", str(folder))
    code, found = run(capsys, monkeypatch, *words)
    assert code == 0
    before, after = found["total"]["before"], found["total"]["after"]
    # TV02 of domain 5.5 at 1 000 tenge; B's money line: 70 % .. 95 % of the request
    assert before["amount_tiyn"] == 2500 * 100_000 + 475_000
    assert (before["planned_tiyn"], after["planned_tiyn"]) == (250_900_000, 200_720_000)
    assert [p["key"] for p in found["by_region"]] == ["10", "75"]
    groups = {
        p["key"]: (p["before"]["applications"], p["after"]["applications"])
        for p in found["by_group"]
    }
    assert groups == {"I": (3, 4), "II": (1, 0), "III": (0, 0), "IV": (0, 0), "V": (0, 0)}
    assert found["modes"] == {"MIN_PLUS_SUPPLEMENT": [2, 1], "SCALED_MIN": [0, 1]}
    losers = [m["id"] for m in found["applicants"] if m["after_tiyn"] < m["before_tiyn"]]
    assert set(losers) == {"A[x]", "B", "C"}
    assert sorted(map(os.path.basename, found["plots"])) == [
        "by_applicant.png", "by_group.png", "by_region.png", "by_source.png"
    ]  # fmt: skip
    for file in found["plots"]:
        with Image.open(file) as picture:
            assert picture.format == "PNG"
            assert picture.width > 500


def test_tables_at_a_terminal(tables: tuple[str, str]) -> None:
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "backend.app.cli", "simulate", *tables, "--plan-percent", "80"]
    environment = {**os.environ, "COLUMNS": "140", "TERM": "xterm", "NO_COLOR": "1"}
    process = subprocess.Popen(command, stdout=slave, stderr=slave, env=environment)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    assert process.wait(30) == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown.decode())
    text = plain.replace("\N{NO-BREAK SPACE}", " ")
    for told in ("ТМККК", "МӘМС", "A[x]", "2 500 000,00 ₸", "Ең көп жоғалтатындар", "Барлығы"):
        assert told in text


@pytest.mark.parametrize(
    ("extra", "code", "word"),
    [
        (("--minimum", "80,70"), 2, "BAD_ARGUMENT"),
        (("--minimum", "80,70,60,50,-5"), 2, "BAD_ARGUMENT"),
        (("--score", "A[x]=5001"), 2, "BAD_ARGUMENT"),
        (("--score", "Z=4000"), 2, "BAD_ARGUMENT"),
        (("--algorithm", "x", "--minimum", "80,70,60,50,25"), 2, "BAD_ARGUMENT"),
        (("--algorithm", "x"), 1, "BAD_ALGORITHM"),
        (("--plan-after", "/nowhere.csv"), 2, "FILE_UNREADABLE"),
    ],
)
def test_what_cannot_be_done_is_said(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tables: tuple[str, str],
    extra: tuple[str, ...],
    code: int,
    word: str,
) -> None:
    left, told = run(capsys, monkeypatch, *tables, *extra)
    assert left == code
    assert word == "BAD_ALGORITHM" or told["code"] == word
    assert set(told) <= {"code", "detail", "path"}


def test_every_faulty_row_is_told_and_nothing_computed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tables: tuple[str, str]
) -> None:
    faulty = "line,id,score_milli,requested\nno-line,A,100,5\n2026-mhi-75-cdc,A,5001,5\n2026-mhi-75-cdc,B,1,1\n2026-mhi-75-cdc,B,1,1\nx\n"
    Path(tables[1]).write_text(faulty, encoding="utf-8")
    left, told = run(capsys, monkeypatch, *tables)
    assert (left, told["code"]) == (1, "ROWS_INVALID")
    assert [(e["row"], e["column"], e["code"]) for e in told["errors"]] == [
        (1, "line", "PLAN_ROW_LINE_UNKNOWN"),
        (2, "score_milli", "PLAN_ROW_INTEGER"),
        (4, "id", "PLAN_ROW_APPLICANT_TWICE"),
        (5, "", "PLAN_ROW_CELLS"),
    ]
