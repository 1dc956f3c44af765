"""Values of indicators as a CSV table: every cell judged, every fault told by row and column. Pure."""

import re
from collections.abc import Sequence

from backend.allocation.plan.model import WORD_PATTERN
from backend.allocation.rating.model import (
    CODE_PATTERN,
    DECIMAL_PATTERN,
    ROWS_MAX,
    ValueRow,
)
from backend.kernel.tables import RowError, read_csv, shape_faults

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
    table = read_csv(text, ROWS_MAX)
    if table is None:
        return [], [RowError(0, "", "PLAN_ROW_NOT_CSV")]
    faults = shape_faults(table, COLUMNS, rows_max=ROWS_MAX)
    if faults:
        return [], faults
    found = []
    for number, row in enumerate(table.body, start=1):
        cells, wrong = _cells(number, table.header, row, decimal_comma=table.delimiter == ";")
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
