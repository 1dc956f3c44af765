"""A plan as an XLSX workbook: its first sheet, every cell as it would be typed."""

import subprocess
import sys

import msgspec

from backend.allocation.plan.model import LINES_MAX, LineDraft
from backend.allocation.plan.sheet import Sheet
from backend.allocation.plan.table import read_rows
from backend.kernel.tables import COLUMNS_MAX, RowError, table_of

PATIENCE_S = 60


def read_workbook(raw: bytes) -> tuple[list[LineDraft], list[RowError]]:
    """The lines of the first sheet and every fault in its rows, as `table.read_table` tells them.

    Waits for a process (`sheet`): not for the event loop.
    """
    sheet = _read_apart(raw)
    if sheet.fault is not None:
        return [], [RowError(0, "", sheet.fault)]
    return read_rows(table_of(sheet.rows))


def _read_apart(raw: bytes) -> Sheet:
    limits = (str(LINES_MAX + 1), str(COLUMNS_MAX))
    try:
        done = subprocess.run(  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-m", "backend.allocation.plan.sheet", *limits],
            input=raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=True,
        )
        return msgspec.msgpack.decode(done.stdout, type=Sheet)
    except (subprocess.SubprocessError, msgspec.MsgspecError):
        return Sheet(fault="PLAN_ROW_NOT_XLSX")
