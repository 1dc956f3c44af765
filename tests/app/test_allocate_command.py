"""`saqtau allocate`: exit codes, one JSON document, never a traceback (CONTRACT.md)."""

import base64
import copy
import hashlib
import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.app import cli
from infra.sandbox.nca.centre import Centre
from tests.allocation.decision.test_replay import TV02, record_of

LINE = {"id": "L", "unit": "tiyn", "plan": 77, "base_kind": "application"}
APPLICATION = {
    "id": "Қызылорда",
    "bin": "061211600012",
    "score_milli": 4600,
    "base": 90,
    "requested": 100,
    "seq_no": 1,
    "co_executors": [{"id": "X", "requested": 30}, {"id": "Y", "requested": 20}],
}
CASE: dict[str, Any] = {"line": LINE, "applications": [APPLICATION]}


def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str
) -> tuple[int, str, str]:
    """The command in this process: exit code, standard output, standard error."""
    monkeypatch.setattr(sys, "argv", ["saqtau", "allocate", *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    told = capsys.readouterr()
    return int(left.value.code or 0), told.out, told.err


@pytest.fixture
def allocate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Any:
    def call(content: bytes | str | dict[str, Any]) -> tuple[int, str, str]:
        if isinstance(content, dict):
            content = json.dumps(content)
        raw = content.encode() if isinstance(content, str) else content
        path = tmp_path / "case.json"
        path.write_bytes(raw)
        return run(capsys, monkeypatch, str(path))

    return call


def in_a_process(
    *words: str, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "allocate", *words],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )


def with_line(**given: object) -> dict[str, Any]:
    return {"line": {**LINE, **given}, "applications": [APPLICATION]}


def with_application(**given: object) -> dict[str, Any]:
    return {"line": LINE, "applications": [{**APPLICATION, **given}]}


def test_a_case_is_answered_with_one_document(allocate: Any) -> None:
    code, out, err = allocate(CASE)
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert out.count("\n") == 1
    assert "Қызылорда" in out
    assert answer["shares"][0]["allocated"] == 77
    assert set(answer) == {
        "line_id",
        "mode",
        "sum_min",
        "sum_max",
        "residue",
        "amount_tiyn",
        "algorithm",
        "input_sha256",
        "shares",
    }


def test_a_failed_line_is_an_answer(allocate: Any) -> None:
    code, out, _ = allocate({"line": LINE, "applications": []})
    answer = json.loads(out)
    assert (code, answer["mode"], answer["residue"], answer["shares"]) == (0, "FAILED", 77, [])


@pytest.mark.parametrize(
    ("case", "refusal", "path"),
    [
        (with_line(limit_tiyn=76), "LIMIT_EXCEEDED", "line.limit_tiyn"),
        (
            {
                "line": {**LINE, "base_kind": "capacity"},
                "applications": [{**APPLICATION, "base": None}],
            },
            "MISSING_CAPACITY",
            "applications[0].base",
        ),
        (with_application(score_milli=5001), "SCORE_OUT_OF_RANGE", "applications[0].score_milli"),
        (with_application(score_milli=-1), "SCORE_OUT_OF_RANGE", "applications[0].score_milli"),
        (
            {"line": LINE, "applications": [APPLICATION, {**APPLICATION, "id": "B"}]},
            "DUPLICATE_APPLICATION",
            "applications[0].bin",  # B goes first in output order, so the other is the second
        ),
        (
            {"line": LINE, "applications": [APPLICATION, {**APPLICATION, "bin": "1"}]},
            "DUPLICATE_APPLICATION",
            "applications[1].id",
        ),
        (with_application(requested=100.0), "BAD_CASE", "applications[0].requested"),
        (with_application(requested=10**18 + 1), "BAD_CASE", "applications[0].requested"),
        (with_application(requested=49), "BAD_CASE", "applications[0].co_executors"),
        (with_application(owner="state"), "BAD_CASE", "applications[0].owner"),
    ],
)
def test_refusals_are_answers_with_exit_1(
    allocate: Any, case: dict[str, Any], refusal: str, path: str
) -> None:
    code, out, err = allocate(case)
    told = json.loads(out)
    assert (code, err) == (1, "")
    assert (told["code"], told["path"]) == (refusal, path)
    assert told["detail"]
    assert "061211600012" not in out


def test_worse_faults_are_told_first(allocate: Any) -> None:
    """Shape before score before duplicates before capacity before the limit."""
    wrong: dict[str, Any] = {"base_kind": "capacity", "limit_tiyn": 0}
    pair = [{**APPLICATION, "base": None}, {**APPLICATION, "score_milli": 9999, "extra": 1}]
    told = []
    for mend in (None, "extra", "score", "duplicate", "base"):
        if mend == "extra":
            del pair[1]["extra"]
        elif mend == "score":
            pair[1]["score_milli"] = 1
        elif mend == "duplicate":
            pair[1].update(id="B", bin="1")
        elif mend == "base":
            pair[0]["base"] = 90
        _, out, _ = allocate({"line": {**LINE, **wrong}, "applications": pair})
        told.append(json.loads(out)["code"])
    assert told == [
        "BAD_CASE",
        "SCORE_OUT_OF_RANGE",
        "DUPLICATE_APPLICATION",
        "MISSING_CAPACITY",
        "LIMIT_EXCEEDED",
    ]


ONE = json.dumps(CASE)


@pytest.mark.parametrize(
    ("text", "exit_code"),
    [
        (ONE.replace('"plan": 77', '"plan": 77, "plan": 77'), 1),
        (ONE.replace('"seq_no"', '"id": "A", "seq_no"'), 1),
        (ONE.replace("77", "1e400"), 1),
        (ONE.replace("77", "77e0"), 1),
        (ONE.replace("77", "9" * 399), 1),
        (ONE.replace("77", "9" * 100_000), 1),
        (ONE.replace("77", "-0.0"), 1),
        (ONE.replace('"L"', '"\\ud800"'), 1),
        (ONE.replace('"L"', '"\\udfff\\ud800"'), 1),
        (ONE.replace('"unit"', '"\\ud800"'), 1),
        (ONE.replace("77", '{"a":' * 60 + "1" + "}" * 60), 1),
        ("[" * 100_000 + "]" * 100_000, 1),
        ('{"a":' * 5_000, 2),
        ("null", 1),
        ('"case"', 1),
        ("7", 1),
        (ONE.replace("77", "NaN"), 2),
        (ONE.replace("77", "-Infinity"), 2),
        (ONE.replace("77", "077"), 2),
        (ONE + ONE, 2),
        (ONE[:-1], 2),
        ("", 2),
        ("\ufeff" + ONE, 2),
        ("{'line': 1}", 2),
        (ONE.replace("L", "\x00"), 2),
    ],
)
def test_odd_documents_are_refused_quietly(allocate: Any, text: str, exit_code: int) -> None:
    code, out, err = allocate(text)
    assert code == exit_code
    told = json.loads(out if exit_code == 1 else err)
    assert told["code"] == ("BAD_CASE" if exit_code == 1 else "NOT_JSON")
    assert told["detail"]
    assert (err if exit_code == 1 else out) == ""
    assert len(out + err) < 1000


def test_bytes_that_are_no_text_are_no_json(allocate: Any) -> None:
    code, out, err = allocate(ONE.encode("utf-16"))
    assert (code, out, json.loads(err)["code"]) == (2, "", "NOT_JSON")


@pytest.mark.parametrize("words", [[], ["--nonsense"], ["one", "two"]])
def test_wrong_arguments(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    code, out, err = run(capsys, monkeypatch, *words)
    assert (code, out, json.loads(err)["code"]) == (2, "", "BAD_ARGUMENT")


@pytest.mark.parametrize("name", ["missing.json", ".", "a\x00b", "x" * 5000])
def test_files_that_cannot_be_opened(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    code, out, err = run(capsys, monkeypatch, name)
    told = json.loads(err)
    assert (code, out) == (2, "")
    assert told["code"]
    assert told["detail"]


def test_random_damage_never_breaks_the_command(
    allocate: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(20260505)
    odd = b'{}[]:,"0123456789-.eE\\untf \n\x00\xff\xd1'
    codes = set()
    for _ in range(600):
        raw = bytearray(ONE.encode())
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(raw))
            match chance.randrange(3):
                case 0:
                    raw[at] = chance.choice(odd)
                case 1:
                    raw.insert(at, chance.choice(odd))
                case _:
                    del raw[at : at + chance.randint(1, 9)]
        code, out, err = allocate(bytes(raw))
        json.loads(out or err)
        assert bool(out) != bool(err)
        codes.add(code)
    assert codes == {0, 1, 2}


def test_any_order_gives_the_same_bytes(allocate: Any) -> None:
    chance = random.Random(3)
    cases = [{**APPLICATION, "id": f"a{i}", "bin": f"{i}", "seq_no": i % 2} for i in range(9)]
    told = set()
    for _ in range(10):
        chance.shuffle(cases)
        told.add(allocate({"applications": cases, "line": dict(sorted(LINE.items()))}))
    assert len(told) == 1


def test_as_a_process_from_standard_input_with_any_locale(tmp_path: Path) -> None:
    path = tmp_path / "жол мен бос орын.json"
    path.write_text(ONE, encoding="utf-8")
    by_name = in_a_process(str(path))
    by_input = in_a_process("-", stdin=ONE.encode(), PYTHONIOENCODING="ascii", PYTHONHASHSEED="1")
    assert (by_name.returncode, by_name.stderr) == (0, b"")
    assert (by_input.returncode, by_input.stderr) == (0, b"")
    assert by_name.stdout == by_input.stdout
    assert json.loads(by_name.stdout)["shares"][0]["id"] == "Қызылорда"


def test_as_a_process_a_refusal_and_no_json() -> None:
    refused = in_a_process("-", stdin=json.dumps(with_line(limit_tiyn=0)).encode())
    assert (refused.returncode, refused.stderr) == (1, b"")
    assert json.loads(refused.stdout)["code"] == "LIMIT_EXCEEDED"
    not_json = in_a_process("-", stdin=b"{")
    assert (not_json.returncode, not_json.stdout) == (2, b"")
    assert json.loads(not_json.stderr)["code"] == "NOT_JSON"


def test_as_a_process_whose_reader_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(ONE, encoding="utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "backend.app.cli", "allocate", str(path)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_two_thousand_applications_of_the_largest_amounts_are_exact() -> None:
    chance = random.Random(11)
    cases = [
        {
            "id": f"a{i}",
            "bin": f"{i:012}",
            "score_milli": chance.randint(0, 5000),
            "base": chance.randint(1, 10**15),
            "requested": chance.randint(1, 10**15),
            "seq_no": i,
            "co_executors": [{"id": "x", "requested": 1}],
        }
        for i in range(2000)
    ]
    line = {**LINE, "plan": 7 * 10**17}
    done = in_a_process("-", stdin=json.dumps({"line": line, "applications": cases}).encode())
    answer = json.loads(done.stdout)
    assert sum(s["allocated"] for s in answer["shares"]) + answer["residue"] == line["plan"]
    assert len(answer["shares"]) == 2000


def test_a_citizen_s_signature_is_no_seal(capsys, monkeypatch, tmp_path: Path) -> None:
    """Also where nobody said whose seal it must be: a decision is an organisation's."""
    at = datetime(2026, 3, 2, 5, tzinfo=UTC)
    centre = Centre.create(b"seals", at, algorithms=["rsa-sha256"])
    centre.save(tmp_path)
    record = record_of([copy.deepcopy(TV02)])
    for signer, code in (
        (centre.issue_information_system("061211600012", "Қор", "ИС", at, "rsa-sha256"), "OK"),
        (centre.issue_individual("900101300017", "А Б", at, "rsa-sha256"), "SEAL_INVALID"),
    ):
        seal = signer.sign_cms(record, at=at)
        bundle = tmp_path / "bundle.json"
        bundle.write_bytes(
            b'{"record":%s,"record_sha256":"%s","seal":"%s"}'
            % (record, hashlib.sha256(record).hexdigest().encode(), base64.b64encode(seal))
        )
        words = [
            "--bundle",
            str(bundle),
            "--trust",
            str(tmp_path / "trust"),
            "--at",
            at.isoformat(),
        ]
        exit_code, told, _ = run(capsys, monkeypatch, *words)
        assert (json.loads(told)["code"], exit_code) == (code, 0 if code == "OK" else 1)
