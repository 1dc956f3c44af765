"""A plan as a table: every cell judged, every fault told by row and column, none guessed. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from backend.allocation.decision.model import V_MAX_PERCENT, BaseKind, Unit
from backend.allocation.plan.model import (
    CODE_PATTERN,
    LINES_MAX,
    REGION_PATTERN,
    TITLE_MAX,
    WORD_PATTERN,
    LineDraft,
    Source,
)
from backend.allocation.plan.rules import FORMULA_SIGNS
from backend.kernel.money import AMOUNT_MAX
from backend.kernel.tables import CellWrong, RowError, Table, read_csv, shape_faults

_INTEGER = re.compile(r"[0-9]{1,19}")
_YES_NO = {"true": True, "false": False, "1": True, "0": False, "": False}


def text_cell(pattern: str) -> Callable[[str], str]:
    """A reader of cells whose whole text fits `pattern`; it raises CellWrong."""
    compiled = re.compile(pattern)

    def read(cell: str) -> str:
        if not compiled.fullmatch(cell):
            raise CellWrong("PLAN_ROW_TEXT")
        return cell

    return read


def _title(cell: str) -> str:
    if cell.startswith(FORMULA_SIGNS):
        raise CellWrong("PLAN_ROW_FORMULA")
    if not 1 <= len(cell) <= TITLE_MAX or not cell.isprintable():
        raise CellWrong("PLAN_ROW_TEXT")
    return cell


def integer_cell(least: int, most: int) -> Callable[[str], int]:
    """A reader of cells with a whole number from `least` to `most`; it raises CellWrong."""

    def read(cell: str) -> int:
        if not _INTEGER.fullmatch(cell) or not least <= int(cell) <= most:
            raise CellWrong("PLAN_ROW_INTEGER")
        return int(cell)

    return read


def _tariff(cell: str) -> int | None:
    return integer_cell(1, AMOUNT_MAX)(cell) if cell else None


def _v_max(cell: str) -> int:
    return integer_cell(V_MAX_PERCENT, 100)(cell) if cell else V_MAX_PERCENT


def _choice(choices: type[Source] | type[Unit] | type[BaseKind]) -> Callable[[str], Any]:
    def read(cell: str) -> Any:
        try:
            return choices(cell)
        except ValueError:
            raise CellWrong("PLAN_ROW_CHOICE") from None

    return read


def _flag(cell: str) -> bool:
    if cell.lower() not in _YES_NO:
        raise CellWrong("PLAN_ROW_FLAG")
    return _YES_NO[cell.lower()]


COLUMNS: dict[str, Callable[[str], Any]] = {
    "code": text_cell(CODE_PATTERN),
    "source": _choice(Source),
    "region": text_cell(REGION_PATTERN),
    "service_type": text_cell(WORD_PATTERN),
    "care_form": text_cell(WORD_PATTERN),
    "title_kk": _title,
    "title_ru": _title,
    "unit": _choice(Unit),
    "planned_units": integer_cell(0, AMOUNT_MAX),
    "tariff_tiyn": _tariff,
    "base_kind": _choice(BaseKind),
    "payment_method": text_cell(WORD_PATTERN),
    "lot": _flag,
    "phc_full": _flag,
    "v_max_percent": _v_max,
}
OPTIONAL = {"lot", "phc_full", "v_max_percent"}


def read_table(text: str) -> tuple[list[LineDraft], list[RowError]]:
    """The lines of a table with a header, comma or semicolon; and every fault in its rows.

    Lines may be imported only when there is no fault: a faulty row is left out of the lines.
    """
    table = read_csv(text, LINES_MAX)
    return ([], [RowError(0, "", "PLAN_ROW_NOT_CSV")]) if table is None else read_rows(table)


def read_rows(table: Table) -> tuple[list[LineDraft], list[RowError]]:
    """The same of a table already taken apart."""
    faults = shape_faults(table, COLUMNS, OPTIONAL, rows_max=LINES_MAX)
    if faults:
        return [], faults
    lines = []
    for number, row in enumerate(table.body, start=1):
        line, wrong = _read_row(number, table.header, row)
        faults.extend(wrong)
        if line is not None:
            lines.append(line)
    return lines, faults


def _read_row(
    number: int, header: Sequence[str], row: Sequence[str]
) -> tuple[LineDraft | None, list[RowError]]:
    if len(row) != len(header):
        return None, [RowError(number, "", "PLAN_ROW_CELLS")]
    values: dict[str, Any] = {}
    faults = []
    for column, cell in zip(header, row, strict=True):
        try:
            values[column] = COLUMNS[column](cell.strip(" "))
        except CellWrong as e:
            faults.append(RowError(number, column, str(e)))
    return (None, faults) if faults else (LineDraft(**values), [])
