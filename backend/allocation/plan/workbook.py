"""A plan as an XLSX workbook: its first sheet, every cell as it would be typed. Pure.

A spreadsheet keeps numbers as binary fractions: a whole number beyond 2^53 cannot be told from its
neighbour and is refused, as is any fraction; codes such as regions come back as the digits shown.
"""

import io
import zipfile
from datetime import date, datetime, time, timedelta

import python_calamine as calamine

from backend.allocation.plan.model import LINES_MAX, LineDraft
from backend.allocation.plan.table import read_rows
from backend.kernel.tables import RowError, table_of

_EXACT = 2**53
# A workbook is a ZIP: its parts unpacked may be this large together, whatever it weighs.
UNPACKED_MAX = 256 * 1024 * 1024
_PARTS_MAX = 1_000
_UNREADABLE = "\x00"  # in no column's alphabet: the cell is named as faulty

Cell = int | float | str | bool | time | date | datetime | timedelta


def read_workbook(raw: bytes) -> tuple[list[LineDraft], list[RowError]]:
    """The lines of the first sheet and every fault in its rows, as `table.read_table` tells them."""
    if not _is_sound(raw):
        return [], [RowError(0, "", "PLAN_ROW_NOT_XLSX")]
    try:
        book = calamine.load_workbook(io.BytesIO(raw))
        sheet = book.get_sheet_by_index(0)
        if sheet.total_height > LINES_MAX + 1:
            return [], [RowError(0, "", "PLAN_ROW_TOO_MANY")]
        rows = sheet.to_python(skip_empty_area=True)
    except (calamine.CalamineError, OSError, ValueError, IndexError):
        return [], [RowError(0, "", "PLAN_ROW_NOT_XLSX")]
    typed = [[_typed(cell) for cell in row] for row in rows]
    return read_rows(table_of([row for row in typed if any(row)]))


def _is_sound(raw: bytes) -> bool:
    """Whether it is a ZIP that unpacks to a bounded size, by its own directory."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    # RuntimeError: an archive that asks for a newer reader than zipfile is
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError):
        return False
    return len(parts) <= _PARTS_MAX and sum(part.file_size for part in parts) <= UNPACKED_MAX


def _typed(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float) and cell == int(cell) and abs(cell) <= _EXACT:
        return str(int(cell))
    return _UNREADABLE
