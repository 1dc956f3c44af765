"""Values of indicators as a CSV table: every cell judged, every fault told by row and column. Pure."""

import csv
import io
import re
from collections.abc import Sequence

from backend.allocation.plan.model import WORD_PATTERN
from backend.allocation.rating.model import (
    CODE_PATTERN,
    DECIMAL_PATTERN,
    ROWS_MAX,
    RowError,
    ValueRow,
)

COLUMNS = {
    "bin": (re.compile(r"[0-9]{12}"), "RATING_ROW_BIN"),
    "service_type": (re.compile(WORD_PATTERN), "RATING_ROW_WORD"),
    "code": (re.compile(CODE_PATTERN), "RATING_ROW_WORD"),
    "value": (re.compile(f"-|(?:{DECIMAL_PATTERN})"), "RATING_ROW_VALUE"),
}
NOT_APPLICABLE = "-"


def read_table(text: str) -> tuple[list[ValueRow], list[RowError]]:
    """The rows of a table with a header, comma or semicolon; and every fault in it.

    A decimal comma is taken where the semicolon parts the cells, as spreadsheets of this country write.
    Rows may be imported only when there is no fault.
    """
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return [], [RowError(0, "", "PLAN_ROW_NOT_CSV")]
    header, *body = [row for row in rows if row] or [[]]
    faults = _header_faults(header)
    if not body:
        faults.append(RowError(0, "", "PLAN_ROW_NONE"))
    if len(body) > ROWS_MAX:
        faults.append(RowError(0, "", "PLAN_ROW_TOO_MANY"))
    if faults:
        return [], faults
    found = []
    for number, row in enumerate(body, start=1):
        cells, wrong = _cells(number, header, row, decimal_comma=delimiter == ";")
        faults += wrong
        if not wrong:
            value = cells["value"]
            found.append(
                ValueRow(
                    cells["bin"],
                    cells["service_type"],
                    cells["code"],
                    None if value == NOT_APPLICABLE else value,
                )
            )
    return found, faults


def _header_faults(header: Sequence[str]) -> list[RowError]:
    missing = [c for c in COLUMNS if c not in header]
    unknown = [c for c in header if c not in COLUMNS]
    twice = {c for c in header if header.count(c) > 1}
    return [
        *(RowError(0, c, "PLAN_ROW_COLUMN_MISSING") for c in missing),
        *(RowError(0, c[:64], "PLAN_ROW_COLUMN_UNKNOWN") for c in unknown),
        *(RowError(0, c[:64], "PLAN_ROW_COLUMN_TWICE") for c in sorted(twice)),
    ]


def _cells(
    number: int, header: Sequence[str], row: Sequence[str], *, decimal_comma: bool
) -> tuple[dict[str, str], list[RowError]]:
    if len(row) != len(header):
        return {}, [RowError(number, "", "PLAN_ROW_CELLS")]
    cells = {column: cell.strip(" ") for column, cell in zip(header, row, strict=True)}
    if decimal_comma:
        cells["value"] = cells["value"].replace(",", ".")
    return cells, [
        RowError(number, column, code)
        for column, (pattern, code) in COLUMNS.items()
        if not pattern.fullmatch(cells[column])
    ]
