"""How lines are written as JSON, CSV and XLSX, in three languages. Pure."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import IO, Any, Final

import msgspec
import xlsxwriter

from backend.kernel.tables import FORMULA, harmless
from backend.payments.report.model import Line, Told
from backend.web import problems

COLUMNS: Final = (
    "line", "record", "service", "type", "date", "admitted", "units", "amount", "evidence", "result",
    "errors", "advice", "notes", "said", "complaint",
)  # fmt: skip
_WIDTHS: Final = (7, 18, 15, 14, 13, 16, 8, 16, 20, 12, 36, 46, 36, 18, 40)
_LINE_PT: Final = 15.0  # the height of a line of text
_OF_THE_INSURED: Final = frozenset({"said", "complaint"})
_HEAD: Final = {
    "bold": True, "text_wrap": True, "align": "left", "valign": "vcenter", "indent": 1,
    "font_color": "#FFFFFF", "bg_color": "#00727A", "border": 1, "border_color": "#FFFFFF",
}  # fmt: skip
_RULED: Final = {"valign": "top", "bottom": 1, "bottom_color": "#D5DEE3"}
_SHAPES: Final[dict[str, dict[str, Any]]] = {
    "text": {"align": "left", "indent": 1},
    "wrapped": {"align": "left", "indent": 1, "text_wrap": True},
    "quoted": {"align": "left", "indent": 1, "quote_prefix": True},
    "number": {"align": "right", "indent": 1},
    "money": {"align": "right", "indent": 1, "num_format": "#,##0.00"},
    "day": {"align": "center", "num_format": "dd.mm.yyyy"},
}
_TONES: Final[dict[str, dict[str, Any]]] = {
    "": {},
    "failed": {"bg_color": "#FCEBE8"},
    "noted": {"bg_color": "#FFF6DD"},
}
_BYTE_ORDER_MARK: Final = "\ufeff"  # without it spreadsheets read Kazakh letters as Latin ones


def title(language: str, key: str) -> str:
    """A heading or a value of the report in that language."""
    return problems.text(f"act-report-{key}", language, {})[0]


def told(line: Line, language: str) -> list[Told]:
    """What is wrong with the line, for a person."""
    return [Told(code, *problems.text(code, language, {})) for code in line.errors]


def cells(line: Line, language: str) -> Sequence[str | int | date | Decimal | None]:
    """The cells of a line, in the order of the columns; money in tenge, as accountants count."""
    faults = told(line, language)
    return (
        line.line_no,
        line.service_record_id,
        line.service_code,
        line.service_type,
        line.service_date,
        line.admitted_on,
        line.units,
        Decimal(line.amount_tiyn) / 100,
        None if line.grade is None else title(language, f"grade-{line.grade}"),
        title(language, "failed" if faults else "passed"),
        "; ".join(f"{fault.title} ({fault.code})" for fault in faults) or None,
        " ".join(fault.advice for fault in faults) or None,
        "; ".join(problems.text(code, language, {})[0] for code in line.notes) or None,
        None if line.mark is None else title(language, f"mark-{line.mark.value}"),
        None if line.complaint_id is None else str(line.complaint_id),
    )


def json_lines(lines: Iterable[Line], language: str) -> bytes:
    """A JSON document a line: large reports are read as they come (application/x-ndjson)."""
    return b"".join(
        msgspec.json.encode(
            msgspec.structs.asdict(line) | {"told": told(line, language)}, order="deterministic"
        )
        + b"\n"
        for line in lines
    )


def csv_head(language: str) -> bytes:
    """The byte order mark and the headings."""
    return (_BYTE_ORDER_MARK + _csv([[title(language, c) for c in COLUMNS]])).encode()


def csv_lines(lines: Iterable[Line], language: str) -> bytes:
    """Rows of CSV (RFC 4180, comma); no cell is a formula (FAULTS 23)."""
    return _csv([_texts(cells(line, language)) for line in lines]).encode()


def _texts(row: Sequence[str | int | date | Decimal | None]) -> list[str]:
    return [
        cell if isinstance(cell, str)
        else "" if cell is None
        else f"{cell:.2f}" if isinstance(cell, Decimal)
        else str(cell)
        for cell in row
    ]  # fmt: skip


def _csv(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def _height(row: Sequence[object]) -> float:
    """Points for the tallest cell of a row; long codes break badly, so each error has a line to spare."""
    lines = (
        math.ceil(len(cell) * 0.95 / (width - 1)) + cell.count("; ")
        for cell, width in zip(row, _WIDTHS, strict=True)
        if isinstance(cell, str)
    )
    return _LINE_PT * max(1, *lines)


class Workbook:
    """An XLSX of one sheet, written row by row into `file`: memory does not grow with the rows.

    Without `marks` the two columns of the insured's words, empty then, are hidden.
    """

    def __init__(self, file: IO[bytes], language: str, *, marks: bool = True) -> None:
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._sheet = self._book.add_worksheet(title(language, "sheet")[:31])
        self._language, self._row = language, 1
        self._styles = {
            (kind, tone): self._book.add_format(_RULED | shape | colour)
            for kind, shape in _SHAPES.items()
            for tone, colour in _TONES.items()
        }
        self._head()
        for column, width in enumerate(_WIDTHS):
            hidden = {"hidden": not marks and COLUMNS[column] in _OF_THE_INSURED}
            self._sheet.set_column(column, column, width, None, hidden)
        self._page()

    def _head(self) -> None:
        style = self._book.add_format(_HEAD)
        self._sheet.set_row(0, 2.4 * _LINE_PT)
        for column, key in enumerate(COLUMNS):
            self._sheet.write_string(0, column, title(self._language, key), style)
        self._sheet.freeze_panes(1, 2)

    def _page(self) -> None:
        """Printed: A4 lying, all columns on a page, the headings on each, pages counted."""
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.5)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        self._sheet.hide_gridlines(2)
        self._sheet.set_footer("&L&A&R&P / &N")

    def add(self, lines: Iterable[Line]) -> None:
        """The next rows."""
        for line in lines:
            row = cells(line, self._language)
            if line.errors or line.notes:  # who opens it would not make room for wrapped texts
                self._sheet.set_row(self._row, _height(row))
            tone = "failed" if line.errors else ""
            for column, cell in enumerate(row):
                noted = COLUMNS[column] == "notes" and cell is not None
                self._write(column, cell, "noted" if noted else tone)
            self._row += 1

    def close(self) -> None:
        """Finish the file."""
        self._sheet.autofilter(0, 0, max(self._row - 1, 1), len(COLUMNS) - 1)
        self._book.close()

    def _write(self, column: int, cell: Any, tone: str) -> None:
        if isinstance(cell, str):
            long = "wrapped" if len(cell) > _WIDTHS[column] else "text"
            # what would be a formula stays a text, also when the cell is edited
            kind = "quoted" if cell.startswith(FORMULA) else long
            self._sheet.write_string(self._row, column, cell, self._styles[kind, tone])
        elif isinstance(cell, date):
            self._sheet.write_datetime(self._row, column, cell, self._styles["day", tone])
        elif cell is not None:
            kind = "money" if isinstance(cell, Decimal) else "number"
            self._sheet.write_number(self._row, column, cell, self._styles[kind, tone])
        else:
            self._sheet.write_blank(self._row, column, None, self._styles["text", tone])
