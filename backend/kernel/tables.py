"""Tables people hand in, CSV or taken from a workbook: read whole, every fault told by row and column.

What a cell must be is the importing room's; taking the table apart, judging its header and refusing
all of it together is here. Pure.
"""

import csv
import io
from collections.abc import Collection, Sequence
from itertools import islice

from msgspec import Struct

from backend.kernel.errors import Invalid


class CellWrong(ValueError):
    """A cell cannot be read; the text is the code, PLAN_ROW_…"""


COLUMNS_MAX = 100  # no table of ours has a third of it
ERRORS_TOLD = 1_000  # of one table: nobody mends more by hand before he tries again
# A spreadsheet takes a cell that begins so for a formula (FAULTS 23).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A text that a spreadsheet shows as it is and never runs: what would be a formula is quoted."""
    return f"'{text}" if text.startswith(FORMULA) else text


class RowError(Struct, frozen=True):
    """What is wrong in one row: `row` counts data rows from 1 (0: the header), `code` says what."""

    row: int
    column: str
    code: str


class RowsInvalid(Invalid):
    """Rows cannot be taken, and nothing was imported; `errors` names the first ERRORS_TOLD, `count` counts all."""

    rows_path = "rows"

    def __init__(self, errors: Sequence[RowError] = ()) -> None:
        self.errors = list(errors[:ERRORS_TOLD])
        super().__init__(path=self.rows_path, count=len(errors))


class Table(Struct, frozen=True):
    """The header and the data rows, none of them empty; `delimiter` is what parted the cells."""

    header: Sequence[str]
    body: Sequence[Sequence[str]]
    delimiter: str


def read_csv(text: str, rows_max: int) -> Table | None:
    """A table with a header, comma or semicolon, a byte order mark or none; None when it is no CSV.

    Of a longer one than `rows_max` one row more is read, by which `shape_faults` knows it.
    """
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = list(islice(filter(None, reader), rows_max + 2))
    except csv.Error:
        return None
    return table_of(rows, delimiter)


def table_of(rows: Sequence[Sequence[str]], delimiter: str = ",") -> Table:
    """Rows already taken apart, the header first; empty ones are passed over."""
    header, *body = [row for row in rows if row] or [[]]
    return Table(header, body, delimiter)


def shape_faults(
    table: Table,
    columns: Collection[str],
    optional: Collection[str] = frozenset(),
    *,
    rows_max: int,
) -> list[RowError]:
    """What is wrong with the table as a whole; its rows are worth reading when nothing is."""
    header = table.header
    if len(header) > COLUMNS_MAX:
        return [RowError(0, "", "PLAN_ROW_TOO_WIDE")]
    faults = [
        RowError(0, column, "PLAN_ROW_COLUMN_MISSING")
        for column in columns
        if column not in header and column not in optional
    ]
    faults += [RowError(0, c[:64], "PLAN_ROW_COLUMN_UNKNOWN") for c in header if c not in columns]
    twice = {column for column in header if header.count(column) > 1}
    faults += [RowError(0, c[:64], "PLAN_ROW_COLUMN_TWICE") for c in sorted(twice)]
    if not table.body:
        faults.append(RowError(0, "", "PLAN_ROW_NONE"))
    if len(table.body) > rows_max:
        faults.append(RowError(0, "", "PLAN_ROW_TOO_MANY"))
    return faults
