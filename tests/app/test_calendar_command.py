import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from backend.app.cli import saqtau


def run(*arguments: str) -> Result:
    return CliRunner().invoke(saqtau, ["calendar", *arguments])


def answer(*arguments: str) -> dict[str, str]:
    outcome = run(*arguments)
    assert outcome.exit_code == 0
    assert outcome.stdout.count("\n") == 1
    found: dict[str, str] = json.loads(outcome.stdout)
    return found


@pytest.mark.parametrize(
    ("start", "term", "end"),
    [
        ("2026-03-06", "5wd", "2026-03-16"),
        ("2026-11-20", "30cd", "2026-12-21"),
        ("2026-10-31", "4mo", "2027-03-01"),
    ],
)
def test_add_prints_the_last_day(start: str, term: str, end: str) -> None:
    assert answer("add", start, term) == {"date": end}


@pytest.mark.parametrize("term", ["5wd", "5wD", "5WD"])
def test_notice_prints_the_last_lawful_day(term: str) -> None:
    assert answer("notice", "2026-04-20", term) == {"date": "2026-04-10"}


@pytest.mark.parametrize(
    ("asked", "accepted", "due"),
    [
        ("2026-04-15T17:59:59", "2026-04-15T17:59:59+05:00", "2026-04-15T18:14:59+05:00"),
        ("2026-04-15T18:00:00", "2026-04-16T08:30:00+05:00", "2026-04-16T08:45:00+05:00"),
        ("2026-04-15 10:00", "2026-04-15T10:00:00+05:00", "2026-04-15T10:15:00+05:00"),
        ("2026-04-15T13:00:00Z", "2026-04-16T08:30:00+05:00", "2026-04-16T08:45:00+05:00"),
        ("2026-04-15t13:00:00z", "2026-04-16T08:30:00+05:00", "2026-04-16T08:45:00+05:00"),
        ("2026-04-15T11:00:00+06:00", "2026-04-15T10:00:00+05:00", "2026-04-15T10:15:00+05:00"),
    ],
)
def test_accept_prints_both_times_of_kazakhstan(asked: str, accepted: str, due: str) -> None:
    assert answer("accept", asked) == {"accepted_at": accepted, "due_at": due}


@pytest.mark.parametrize(
    "arguments",
    [
        ("add",),
        ("add", "2026-03-06"),
        ("add", "2026-03-06", "5wd", "more"),
        ("add", "2026-02-30", "5wd"),
        ("add", "20260306", "5wd"),
        ("add", "2026-W10-5", "5wd"),
        ("add", "2026-3-6", "5wd"),
        ("add", "٢٠٢٦-٠٣-٠٦", "5wd"),
        ("add", "", ""),
        ("add", "2026-03-06", "0wd"),
        ("add", "2026-03-06", "-5wd"),
        ("add", "2026-03-06", "5"),
        ("add", "2026-03-06", "10001wd"),
        ("add", "2026-03-06", "9" * 5000 + "wd"),
        ("add", "2026-03-06", "10000mo"),
        ("add", "2100-12-31", "1wd"),
        ("add", "2019-12-31", "1wd"),
        ("add", "9999-12-31", "10000cd"),
        ("add", "0001-01-01", "1mo"),
        ("notice", "2026-04-20", "5cd"),
        ("notice", "2026-04-20", "2mo"),
        ("notice", "2020-01-03", "5wd"),
        ("notice", "0001-01-01", "1wd"),
        ("accept", "2026-04-15"),
        ("accept", "2026-04-15T24:00:00"),
        ("accept", "2026-04-15T10:00:60"),
        ("accept", "2026-04-31T10:00:00"),
        ("accept", "2026-W16-3T10:00:00"),
        ("accept", "0001-01-01T00:00:00+14:00"),
        ("accept", "9999-12-31T23:59:59-14:00"),
        ("accept", "now"),
        ("--1",),
        ("subtract", "2026-04-15", "5wd"),
    ],
)
def test_what_cannot_be_read_is_a_bad_argument(arguments: tuple[str, ...]) -> None:
    outcome = subprocess.run(
        [sys.executable, "-m", "backend.app.cli", "calendar", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    told = json.loads(outcome.stderr)
    assert told["code"] == "BAD_ARGUMENT"
    assert told["detail"]


def test_what_if_prints_every_step_with_its_source() -> None:
    outcome = run("what-if", "announced", "2026-04-10", "--language", "ru")
    assert outcome.exit_code == 0
    steps = json.loads(outcome.stdout)["steps"]
    assert [(s["on"], s["code"], s["source"]) for s in steps] == [
        ("2026-04-17", "d2", "M §8"),
        ("2026-04-20", "d3", "M §9"),
        ("2026-04-21", "d4", "M §11"),
        ("2026-04-22", "d5", "M §12"),
    ]
    assert steps[0]["to_do"] == "идёт приём заявок"


@pytest.mark.parametrize("arguments", [("lunch", "2026-04-10"), ("announced", "2026-02-30"), ()])
def test_what_if_refuses_what_it_cannot_read(arguments: tuple[str, ...]) -> None:
    assert run("what-if", *arguments).exit_code == 2
