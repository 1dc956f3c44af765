"""docs/requirements.md: all 220 rows once, tests and places that exist, counts that are true."""

import ast
import re
from collections import Counter
from functools import cache
from typing import NamedTuple

import pytest

from tests.architecture.house import ROOT

PAGE = (ROOT / "docs" / "requirements.md").read_text("utf-8")
ROW = re.compile(
    r"^\| R(?P<number>\d+) \| (?P<requirement>[^|]+) \| (?P<source>[^|]+) \| (?P<where>[^|]+)"
    r" \| (?P<test>[^|]+) \|$"
)
CHAPTER = re.compile(r"^## (.+)$")
NODE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PLACE = re.compile(r"`([a-z_]+(?:/[\w.]+)*)`")
OPEN = re.compile(r"open: \S.*")


class Row(NamedTuple):
    """A row as written; `test` is node ids with `<br>` between them, or what is open."""

    number: int
    chapter: str
    where: str
    test: str

    @property
    def proved(self) -> bool:
        return not self.test.startswith("open")


def _rows() -> list[Row]:
    found, chapter = [], ""
    for line in PAGE.splitlines():
        if heading := CHAPTER.match(line):
            chapter = heading[1]
        if row := ROW.match(line):
            found.append(Row(int(row["number"]), chapter, row["where"], row["test"]))
    return found


ROWS = _rows()
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"R{row.number}")


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    )


def test_every_row_is_there_once_and_in_order() -> None:
    assert [row.number for row in ROWS] == list(range(1, 221))


@each_row
def test_a_row_names_tests_that_exist_or_says_what_is_open(row: Row) -> None:
    if not row.proved:
        assert OPEN.fullmatch(row.test), row.test
        return
    for cell in row.test.split("<br>"):
        node = NODE.fullmatch(cell)
        assert node, cell
        assert (ROOT / node[1]).is_file(), f"{node[1]} is gone"
        assert node[2] in named_in(node[1]), f"{node[2]} is not in {node[1]}"


@each_row
def test_the_place_of_a_row_exists(row: Row) -> None:
    places = [
        p for p in PLACE.findall(re.sub(r"\([^)]*\)", "", row.where)) if "/" in p or p == "bot"
    ]
    assert places or (row.where == "—" and not row.proved)
    for place in places:
        assert (ROOT / place).exists(), place


def test_the_counts_are_true() -> None:
    proved = sum(row.proved for row in ROWS)
    assert f"**Proved: {proved} of 220. Open: {220 - proved}.**" in PAGE
    rows, done = Counter(r.chapter for r in ROWS), Counter(r.chapter for r in ROWS if r.proved)
    for chapter, count in rows.items():
        told = f"| {chapter} | {count} | {done[chapter]} | {count - done[chapter]} |"
        assert told in PAGE, f"the table should say: {told}"
