"""The first sheet of an XLSX workbook as rows of text: `python -m backend.allocation.plan.sheet`, bytes in, MessagePack out.

A process of its own, with little memory: two cells far apart are five kilobytes of file, and the reader makes room for every cell
between them, some hundred gigabytes, and dies of it. Then this process dies, and the workbook is refused.

A spreadsheet keeps numbers as binary fractions: a whole number beyond 2^53 cannot be told from its
neighbour and is refused, as is any fraction; codes such as regions come back as the digits shown.
"""

import io
import resource
import sys
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta

import msgspec
import python_calamine as calamine

MEMORY_MAX = 1 << 30
CPU_MAX_S = 30
_EXACT = 2**53
# A workbook is a ZIP: its parts unpacked may be this large together, whatever it weighs.
UNPACKED_MAX = 256 * 1024 * 1024
_PARTS_MAX = 1_000
_UNREADABLE = "\x00"  # in no column's alphabet: the cell is named as faulty

Cell = int | float | str | bool | time | date | datetime | timedelta


class Sheet(msgspec.Struct, frozen=True):
    """Rows that hold anything, as typed; or the code of what is wrong with the whole."""

    rows: list[list[str]] = msgspec.field(default_factory=list)
    fault: str | None = None


def read(raw: bytes, rows_max: int, columns_max: int) -> Sheet:
    """The sheet, if it has not more rows and columns than that."""
    if not _is_sound(raw):
        return Sheet(fault="PLAN_ROW_NOT_XLSX")
    try:
        sheet = calamine.load_workbook(io.BytesIO(raw)).get_sheet_by_index(0)
        if sheet.total_height > rows_max:
            return Sheet(fault="PLAN_ROW_TOO_MANY")
        if sheet.total_width > columns_max:
            return Sheet(fault="PLAN_ROW_TOO_WIDE")
        rows = sheet.to_python(skip_empty_area=True)
    except (calamine.CalamineError, OSError, ValueError, IndexError):
        return Sheet(fault="PLAN_ROW_NOT_XLSX")
    typed = [[_typed(cell) for cell in row] for row in rows]
    return Sheet([row for row in typed if any(row)])


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


def _confine() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_MAX),
        (resource.RLIMIT_CPU, CPU_MAX_S),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):  # a system that knows no such limit, or has a lower one
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    _confine()
    found = read(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))
