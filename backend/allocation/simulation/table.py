"""The applications of a simulation as a table: every fault told by row and column. Pure.

Columns: `line` (its code in the plan), `id`, `score_milli`, `requested`; and, where they are known,
`bin`, `base`, `capacity`, `accreditation_rank`, `seq_no` (without it, the row's number). One
applicant may stand in many rows, once for each line.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

from backend.allocation.decision.model import SCORE_MILLI_MAX, Application
from backend.allocation.plan.table import integer_cell, text_cell
from backend.allocation.simulation.model import APPLICATIONS_MAX, Entry
from backend.kernel.money import AMOUNT_MAX
from backend.kernel.tables import CellWrong, RowError, read_csv, shape_faults

_ID = r"^\S(.{0,198}\S)?$(?!\n)"
_BIN = re.compile(r"[0-9]{12}")


def _maybe(read: Callable[[str], int]) -> Callable[[str], int | None]:
    return lambda cell: read(cell) if cell else None


def _bin(cell: str) -> str | None:
    if cell and not _BIN.fullmatch(cell):
        raise CellWrong("PLAN_ROW_TEXT")
    return cell or None


_AMOUNT = integer_cell(0, AMOUNT_MAX)
COLUMNS: dict[str, Callable[[str], Any]] = {
    "line": str,
    "id": text_cell(_ID),
    "bin": _bin,
    "score_milli": integer_cell(0, SCORE_MILLI_MAX),
    "base": _maybe(_AMOUNT),
    "requested": _AMOUNT,
    "capacity": _maybe(_AMOUNT),
    "accreditation_rank": _maybe(integer_cell(0, 1_000)),
    "seq_no": _maybe(_AMOUNT),
}
OPTIONAL = {"bin", "base", "capacity", "accreditation_rank", "seq_no"}


def read_applications(text: str, lines: Collection[str]) -> tuple[list[Entry], list[RowError]]:
    """The rows for lines of a plan, and every fault; with a fault no row may be used."""
    table = read_csv(text, APPLICATIONS_MAX)
    if table is None:
        return [], [RowError(0, "", "PLAN_ROW_NOT_CSV")]
    faults = shape_faults(table, COLUMNS, OPTIONAL, rows_max=APPLICATIONS_MAX)
    if faults:
        return [], faults
    entries: list[Entry] = []
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(table.body, start=1):
        if len(row) != len(table.header):
            faults.append(RowError(number, "", "PLAN_ROW_CELLS"))
            continue
        cells, wrong = _cells(number, table.header, row)
        if not wrong and cells["line"] not in lines:
            wrong = [RowError(number, "line", "PLAN_ROW_LINE_UNKNOWN")]
        if not wrong and (cells["line"], cells["id"]) in seen:
            wrong = [RowError(number, "id", "PLAN_ROW_APPLICANT_TWICE")]
        faults += wrong
        if not wrong:
            seen.add((cells["line"], cells["id"]))
            entries.append(_entry(number, cells))
    return entries, faults


def _cells(
    number: int, header: Sequence[str], row: Sequence[str]
) -> tuple[dict[str, Any], list[RowError]]:
    cells: dict[str, Any] = {}
    faults = []
    for column, cell in zip(header, row, strict=True):
        try:
            cells[column] = COLUMNS[column](cell.strip(" "))
        except CellWrong as e:
            faults.append(RowError(number, column, str(e)))
    return cells, faults


def _entry(number: int, cells: dict[str, Any]) -> Entry:
    seq_no = cells.get("seq_no")
    application = Application(
        id=cells["id"],
        bin=cells.get("bin"),
        score_milli=cells["score_milli"],
        base=cells.get("base"),
        requested=cells["requested"],
        capacity=cells.get("capacity"),
        accreditation_rank=cells.get("accreditation_rank") or 0,
        seq_no=number if seq_no is None else seq_no,
    )
    return Entry(cells["line"], application)
