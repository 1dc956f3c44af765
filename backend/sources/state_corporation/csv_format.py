"""The documented CSV, SC-MHI-1, read as it comes. Pure.

    H;SC-MHI-1;<file number>;<day>;<rows>;<received>;<given back>
    P;<reference>;<paid on>;<month>;D|C;<IIN>;<payer's BIN or empty>;<kind of payer or empty>;<amount>
    R;<reference>;<day>;<reference of the payment>;<amount>      a part or the whole paid back
    S;<reference>;<day>;<reference of the payment>;<amount>      the payment is reversed: its whole amount
    T;<rows>

ASCII, lines end with LF, days YYYY-MM-DD, months YYYY-MM, amounts in tenge with a point and two digits.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from backend.kernel.money import AmountInvalid, parse_tenge
from backend.sources.state_corporation.errors import FileUnreadable
from backend.sources.state_corporation.model import Header, Line, LineKind

VERSION: Final = "SC-MHI-1"
LINE_MAX: Final = 500  # bytes
REFERENCE = re.compile(r"[!-:<-~]{1,100}")
_PERIOD = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,14}")
_AMOUNT = re.compile(r"[0-9]{1,15}\.[0-9]{2}")
_DIGITS = re.compile(r"[0-9A-Za-z]{0,20}")
_KINDS: Final = {"D": "deduction", "C": "contribution"}
PAYER_KINDS: Final = frozenset(
    {"employer", "employee", "contractor", "sole_proprietor", "self_payer", "self_employed"}
)
_COLUMNS: Final = {"H": 7, "P": 9, "R": 5, "S": 5, "T": 2}


class CsvReader:
    """Fed with bytes, gives rows; knows the header after the first, that all is there at `close`."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self._rest = b""
        self._line = 0
        self._rows = 0
        self._ended = False

    def feed(self, data: bytes) -> Iterator[Line]:
        """The rows that are whole now. Raises FileUnreadable."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_MAX:
            raise FileUnreadable("LINE_TOO_LONG", self._line + 1)
        for raw in lines:
            self._line += 1
            found = self._read(raw)
            if found is not None:
                self._rows += 1
                yield found

    def close(self) -> None:
        """The file has ended. Raises FileUnreadable unless with its trailer."""
        if self._rest or not self._ended:
            raise FileUnreadable("CUT_OFF", self._line)

    def _read(self, raw: bytes) -> Line | None:
        if len(raw) > LINE_MAX or not raw.isascii():
            raise FileUnreadable("ROW_MALFORMED", self._line)
        fields = raw.decode("ascii").split(";")
        tag = fields[0]
        if len(fields) != _COLUMNS.get(tag) or (tag == "H") != (self._line == 1) or self._ended:
            raise FileUnreadable("ROW_MALFORMED", self._line)
        try:
            if tag == "P":
                return self._receipt(fields)
            if tag in "RS":
                return self._return(fields)
            if tag == "H":
                self.header = _header(fields)
            else:
                self._end(fields)
        except (ValueError, AmountInvalid):
            raise FileUnreadable("ROW_MALFORMED", self._line) from None
        return None

    def _receipt(self, fields: list[str]) -> Line:
        _, ref, paid_on, period, kind, iin, payer, payer_kind, amount = fields
        if not (
            REFERENCE.fullmatch(ref) and _PERIOD.fullmatch(period)
            and _DIGITS.fullmatch(iin) and _DIGITS.fullmatch(payer)
            and (not payer_kind or payer_kind in PAYER_KINDS) and kind in _KINDS
        ):  # fmt: skip
            raise ValueError
        return Line(
            number=self._line,
            kind=LineKind.RECEIPT,
            ref=ref,
            day=day_of(paid_on),
            amount_tiyn=amount_of(amount),
            period=period,
            receipt_kind=_KINDS[kind],
            iin=iin,
            payer=payer or None,
            payer_kind=payer_kind or None,
        )

    def _return(self, fields: list[str]) -> Line:
        tag, ref, day, original, amount = fields
        if not (REFERENCE.fullmatch(ref) and REFERENCE.fullmatch(original)) or ref == original:
            raise ValueError
        return Line(
            number=self._line,
            kind=LineKind.REFUND if tag == "R" else LineKind.REVERSAL,
            ref=ref,
            day=day_of(day),
            amount_tiyn=amount_of(amount),
            original_ref=original,
        )

    def _end(self, fields: list[str]) -> None:
        if not _NUMBER.fullmatch(fields[1]) or int(fields[1]) != self._rows:
            raise FileUnreadable("TOTALS_MISMATCH", self._line)
        self._ended = True


def _header(fields: list[str]) -> Header:
    _, version, number, day, rows, receipts, returns = fields
    if version != VERSION or not REFERENCE.fullmatch(number) or not _NUMBER.fullmatch(rows):
        raise ValueError
    return Header(
        number, day_of(day), int(rows), amount_of(receipts, least=0), amount_of(returns, least=0)
    )


def day_of(text: str) -> date:
    """A day written YYYY-MM-DD and not otherwise. ValueError."""
    if len(text) != 10:
        raise ValueError(text)
    return date.fromisoformat(text)


def amount_of(text: str, *, least: int = 1) -> int:
    """Tenge with two digits after the point, in tiyn. ValueError, AmountInvalid."""
    if not _AMOUNT.fullmatch(text):
        raise ValueError(text)
    amount = parse_tenge(text)
    if amount < least:
        raise ValueError(text)
    return amount
