"""The random part again, and tables no spreadsheet takes for formulas. Pure."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from backend.payments.sampling.errors import SamplePeriod
from backend.payments.sampling.model import Item

DAYS_MAX: Final = 366
COLUMNS: Final = (
    "no", "part", "executor", "act", "line_no", "case_id", "service_code", "service_date",
    "amount_tiyn", "score", "reasons",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula (FAULTS 23).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def require_period(period_from: date, period_to: date) -> None:
    """Raises SamplePeriod."""
    if not 0 <= (period_to - period_from).days <= DAYS_MAX:
        raise SamplePeriod(path="period_to")


def drawn_at_random(seed: bytes, cases: Iterable[UUID], count: int) -> list[UUID]:
    """The random part: whoever has the published seed and the lines draws the same ones.

    The lines with the smallest SHA-256 of the seed followed by the line's id (16 octets).
    """
    return sorted(cases, key=lambda case: (hashlib.sha256(seed + case.bytes).digest(), case))[
        :count
    ]


def table(items: Sequence[Item]) -> bytes:
    """The lines of a sample as CSV, with their reasons in words; UTF-8 with a mark for spreadsheets."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(cell) for cell in _row(item)] for item in items)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def _row(item: Item) -> tuple[str, ...]:
    return (
        str(item.no),
        item.part,
        item.executor_name,
        item.act_number,
        str(item.line_no),
        str(item.case_id),
        item.service_code,
        item.service_date.isoformat(),
        str(item.amount_tiyn),
        str(item.score),
        "; ".join(f"{reason.points}: {reason.text}" for reason in item.reasons),
    )


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
