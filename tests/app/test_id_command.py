import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from backend.app.cli import saqtau
from backend.kernel.ids import check_digit


def run(*arguments: str) -> Result:
    return CliRunner().invoke(saqtau, ["id", "check", *arguments])


def test_an_iin_answers_yes_with_what_it_says() -> None:
    outcome = run("061211600012")
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout) == {
        "valid": True,
        "kind": "iin",
        "code": "OK",
        "birth_date": "2006-12-11",
        "sex": "female",
    }
    assert outcome.stdout.count("\n") == 1


def test_a_bin_answers_yes_with_what_it_says() -> None:
    eleven = "94014000038"
    outcome = run(f"{eleven}{check_digit(eleven)}")
    assert outcome.exit_code == 0
    assert json.loads(outcome.stdout) == {
        "valid": True,
        "kind": "bin",
        "code": "OK",
        "registered": "1994-01",
        "entity_type": "resident",
    }


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        ("", None, "LENGTH"),
        ("--1", None, "LENGTH"),
        ("-1", None, "LENGTH"),
        ("-h1", None, "LENGTH"),
        ("-", None, "LENGTH"),
        ("--number=061211600012", None, "LENGTH"),
        ("-61211600012", None, "NOT_DIGITS"),
        ("1" * 100_000, None, "LENGTH"),
        ("٠٦١٢١١٦٠٠٠١٢", None, "NOT_DIGITS"),
        ("061311600012", "iin", "DATE"),
        ("061211600013", "iin", "CHECK_DIGIT"),
        ("061271600012", "bin", "TYPE"),
    ],
)
def test_whatever_is_asked_answers_no_with_a_code(number: str, kind: str | None, code: str) -> None:
    outcome = run(number)
    assert outcome.exit_code == 1
    assert json.loads(outcome.stdout) == {"valid": False, "kind": kind, "code": code}
    assert outcome.stderr == ""


@pytest.mark.parametrize("arguments", [(), ("061211600012", "061211600012")])
def test_not_one_number_is_a_bad_argument(arguments: tuple[str, ...]) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "id", "check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert json.loads(outcome.stderr)["code"] == "BAD_ARGUMENT"


def test_bytes_that_are_no_text_are_no_digits() -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "id", "check", b"\xff" * 12],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert json.loads(outcome.stdout)["code"] == "NOT_DIGITS"


def test_the_digits_of_another_script_are_no_digits_in_any_locale() -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    outcome = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "id", "check", "٠٦١٢١١٦٠٠٠١٢".encode()],
        env={**os.environ, **ascii_only},
        capture_output=True,
        check=False,
    )
    assert outcome.returncode == 1
    assert json.loads(outcome.stdout)["code"] == "NOT_DIGITS"
