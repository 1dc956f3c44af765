"""docs/requirements.md names all 220 rows of the checklist, and only tests that exist."""

import ast
import re

import pytest

from tests.architecture.house import ROOT

PAGE = ROOT / "docs" / "requirements.md"
ROW = re.compile(
    r"^\| R(\d+) \|(?P<what>[^|]+)\|(?P<source>[^|]+)\|(?P<room>[^|]+)\|(?P<test>[^|]+)\|$"
)
WINGS_AND_REST = {p.name for p in (ROOT / "backend").iterdir() if p.is_dir()}


def rows() -> list[re.Match[str]]:
    return [found for line in PAGE.read_text("utf-8").splitlines() if (found := ROW.match(line))]


def named_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{m.name}" for m in node.body if hasattr(m, "name")}
    return found


def test_all_rows_are_there_in_order() -> None:
    assert [int(row[1]) for row in rows()] == list(range(1, 221))


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"R{row[1]}")
def test_a_row_names_a_test_that_exists_or_is_open(row: re.Match[str]) -> None:
    test = row["test"].strip()
    if test == "open":
        return
    found = re.fullmatch(r"`(tests/[\w/]+\.py)::((?:\w+::)?test_\w+)`", test)
    assert found, test
    file, name = found.groups()
    assert (ROOT / file).is_file(), f"{file} is gone"
    assert name in named_in(file), f"{name} is not in {file}"
    assert row["room"].strip() != "—"


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"R{row[1]}")
def test_a_room_that_is_named_exists(row: re.Match[str]) -> None:
    for place in re.findall(r"\b([a-z_]+(?:/[a-z_]+)+)\b", re.sub(r"\(.*?\)", "", row["room"])):
        base = ROOT if place.startswith(("infra/", "bot/")) else ROOT / "backend"
        assert (base / place).exists() or (base / f"{place}.py").exists(), place


def test_the_count_is_true() -> None:
    shown = sum(row["test"].strip() != "open" for row in rows())
    assert f"Shown: {shown} of 220." in PAGE.read_text("utf-8")
