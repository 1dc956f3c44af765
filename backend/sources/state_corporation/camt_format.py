"""ISO 20022 camt.053.001.08 (statement) and camt.054.001.08 (notification), read as they come. Pure.

One `Ntry` is an entry of the account, one `TxDtls` in it a row:

    Refs/AcctSvcrRef                              the reference of the row, once and for ever
    Refs/Prtry[Tp='ORIGINAL']/Ref                 of a refund or reversal: the payment's reference
    Amt, CdtDbtInd                                KZT; CRDT received, DBIT given back (Ntry's if absent)
    RltdPties/UltmtDbtr/Pty/Id/PrvtId/Othr/Id     the IIN of the person paid for
    RltdPties/Dbtr/Pty/Id/OrgId/Othr/Id           the payer's BIN; absent: the person himself
    Purp/Prtry                                    deduction | contribution
    Tax/Rcrd/Prd/Yr, Tp                           the month paid for: the year, MM01..MM12
    Tax/Rcrd/Ctgy                                 the kind of payer, if told
    Ntry/RvslInd                                  true: a reversal, else a debit is a refund

Entries, sums and, of a statement, balances must be what `TxsSummry` and `Bal` say. No document type, no
entities, UTF-8 only; the tree is thrown away entry by entry.
"""

import codecs
import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from lxml import etree

from backend.kernel.money import AmountInvalid, parse_tenge
from backend.sources.state_corporation.csv_format import PAYER_KINDS, REFERENCE, day_of
from backend.sources.state_corporation.errors import FileUnreadable
from backend.sources.state_corporation.model import FileFormat, Header, Line, LineKind

CAMT_053: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
CAMT_054: Final = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
# the body of each message, and what it holds one of
_SHAPES: Final = {
    FileFormat.CAMT_053: (CAMT_053, "BkToCstmrStmt", "Stmt"),
    FileFormat.CAMT_054: (CAMT_054, "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
}
ENTRY_MAX: Final = 1_000  # transactions of one entry, held in memory at once
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_OVERLAP: Final = 12
_MONTH = re.compile(r"MM(0[1-9]|1[0-2])")
_YEAR = re.compile(r"(20[0-9]{2})(?:-01-01)?")
_NUMBER = re.compile(r"[0-9]{1,15}")
_PERSONAL = re.compile(r"[0-9A-Za-z]{0,20}")


class CamtReader:
    """Fed with bytes, gives rows; knows the header when it is closed."""

    def __init__(self, kind: FileFormat) -> None:
        self.header: Header | None = None
        self._namespace, body, holder = _SHAPES[kind]
        self._path = [self._tag(n) for n in ("Document", body, holder)]
        self._parser = etree.XMLPullParser(
            events=("start", "end"), encoding="utf-8", resolve_entities=False, no_network=True,
            load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._tail = b""
        self._depth = 0
        self._holders = 0
        self._inside = False  # the statement or notification, not the header
        self._rows = self._entries = 0
        self._credits = self._debits = 0
        self._told: dict[str, str] = {}

    def feed(self, data: bytes) -> Iterator[Line]:
        """The rows that are whole now. Raises FileUnreadable."""
        if _FORBIDDEN.search(self._tail + data):
            raise FileUnreadable("DOCUMENT_TYPE")
        self._tail = (self._tail + data)[-_OVERLAP:]
        try:
            self._decoder.decode(data)
            self._parser.feed(data)
        except (etree.XMLSyntaxError, UnicodeDecodeError):
            raise FileUnreadable("FILE_MALFORMED", self._rows) from None
        yield from self._read()

    def close(self) -> None:
        """The file has ended: are entries, sums and balances those announced? Raises FileUnreadable."""
        try:
            self._decoder.decode(b"", final=True)
            self._parser.close()
        except (etree.XMLSyntaxError, UnicodeDecodeError):
            raise FileUnreadable("CUT_OFF", self._rows) from None
        for row in self._read():
            raise FileUnreadable("FILE_MALFORMED", row.number)
        try:
            self.header = self._judge()
        except (KeyError, ValueError, AmountInvalid):
            raise FileUnreadable("HEADER_MALFORMED") from None

    def _read(self) -> Iterator[Line]:
        for event, found in self._parser.read_events():
            assert isinstance(found, etree._Element), "only start and end are asked for"
            element = found
            if event == "start":
                self._begin(element)
                continue
            self._depth -= 1
            if self._depth == 3 and self._inside:
                if element.tag == self._tag("Ntry"):
                    yield from self._entry(element)
                else:
                    self._tell(element)
                self._drop(element)
            elif self._depth == 2 and element.tag == self._tag("GrpHdr"):
                self._told["number"] = _text(element, "MsgId")
                self._told["day"] = _text(element, "CreDtTm")[:10]

    def _begin(self, element: "etree._Element") -> None:
        if self._depth < 3 and element.tag != self._path[self._depth]:
            if self._depth != 2 or element.tag != self._tag("GrpHdr"):
                raise FileUnreadable("FILE_MALFORMED")
            self._inside = False
        elif self._depth == 2:
            self._inside = True
            self._holders += 1
            if self._holders > 1:
                raise FileUnreadable("FILE_MALFORMED")
        self._depth += 1

    def _tell(self, element: "etree._Element") -> None:
        """Remember what the file says of itself."""
        if element.tag == self._tag("TxsSummry"):
            for name in ("TtlNtries", "TtlCdtNtries", "TtlDbtNtries"):
                for leaf in ("NbOfNtries", "Sum"):
                    self._told[f"{name}/{leaf}"] = (
                        element.findtext(f"{{*}}{name}/{{*}}{leaf}") or ""
                    )
        elif element.tag == self._tag("Bal"):
            kind = element.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd") or ""
            sign = "-" if element.findtext("{*}CdtDbtInd") == "DBIT" else ""
            self._told[kind] = sign + (element.findtext("{*}Amt") or "")

    def _entry(self, entry: "etree._Element") -> Iterator[Line]:
        self._entries += 1
        number = self._rows + 1
        try:
            rows = _booked(entry)
            day = day_of(entry.findtext("{*}BookgDt/{*}Dt") or "")
            side, reversal = _text(entry, "CdtDbtInd"), entry.findtext("{*}RvslInd") == "true"
            read = [
                self._row(row, number + n, day, side, reversal=reversal)
                for n, row in enumerate(rows)
            ]
            if sum(line.amount_tiyn for line in read) != _amount(entry):
                raise FileUnreadable("TOTALS_MISMATCH", number)
        except (ValueError, AmountInvalid):
            raise FileUnreadable("ROW_MALFORMED", number) from None
        self._rows += len(read)
        for line in read:
            if line.kind is LineKind.RECEIPT:
                self._credits += line.amount_tiyn
            else:
                self._debits += line.amount_tiyn
        yield from read

    def _row(
        self, row: "etree._Element", number: int, day: date, side: str, *, reversal: bool
    ) -> Line:
        ref, amount = row.findtext("{*}Refs/{*}AcctSvcrRef") or "", _amount(row)
        if (row.findtext("{*}CdtDbtInd") or side) != side or not REFERENCE.fullmatch(ref):
            raise ValueError
        if side == "CRDT" and not reversal:
            return _receipt(row, number, ref, day, amount)
        originals = [
            found.findtext("{*}Ref") or ""
            for found in row.findall("{*}Refs/{*}Prtry")
            if found.findtext("{*}Tp") == "ORIGINAL"
        ]
        if side != "DBIT" or len(originals) != 1 or not REFERENCE.fullmatch(originals[0]):
            raise ValueError
        kind = LineKind.REVERSAL if reversal else LineKind.REFUND
        if originals[0] == ref:
            raise ValueError
        return Line(number, kind, ref, day, amount, original_ref=originals[0])

    def _judge(self) -> Header:
        told = self._told
        received, returned = _sum(told["TtlCdtNtries/Sum"]), _sum(told["TtlDbtNtries/Sum"])
        if (received, returned) != (self._credits, self._debits) or (
            _count(told["TtlNtries/NbOfNtries"]) != self._entries
        ):
            raise FileUnreadable("TOTALS_MISMATCH")
        if "OPBD" in told and "CLBD" in told:
            moved = _balance(told["CLBD"]) - _balance(told["OPBD"])
            if moved != self._credits - self._debits:
                raise FileUnreadable("BALANCE_MISMATCH")
        if not REFERENCE.fullmatch(told["number"]):
            raise ValueError
        return Header(told["number"], day_of(told["day"]), self._rows, received, returned)

    def _tag(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}"

    def _drop(self, element: "etree._Element") -> None:
        """Forget what was read: memory stays flat."""
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def _receipt(row: "etree._Element", number: int, ref: str, day: date, amount: int) -> Line:
    records = row.findall("{*}Tax/{*}Rcrd")
    month = _MONTH.fullmatch(row.findtext("{*}Tax/{*}Rcrd/{*}Prd/{*}Tp") or "")
    year = _YEAR.fullmatch(row.findtext("{*}Tax/{*}Rcrd/{*}Prd/{*}Yr") or "")
    kind = row.findtext("{*}Purp/{*}Prtry")
    payer_kind = row.findtext("{*}Tax/{*}Rcrd/{*}Ctgy")
    parties = "{*}RltdPties/{*}"
    iin = row.findtext(parties + "UltmtDbtr/{*}Pty/{*}Id/{*}PrvtId/{*}Othr/{*}Id") or ""
    payer = row.findtext(parties + "Dbtr/{*}Pty/{*}Id/{*}OrgId/{*}Othr/{*}Id")
    if (
        len(records) != 1 or month is None or year is None
        or kind not in ("deduction", "contribution")
        or (payer_kind is not None and payer_kind not in PAYER_KINDS)
        or not _PERSONAL.fullmatch(iin) or not _PERSONAL.fullmatch(payer or "")
    ):  # fmt: skip
        raise ValueError
    return Line(
        number=number,
        kind=LineKind.RECEIPT,
        ref=ref,
        day=day,
        amount_tiyn=amount,
        period=f"{year[1]}-{month[1]}",
        receipt_kind=kind,
        iin=iin,
        payer=payer,
        payer_kind=payer_kind,
    )


def _booked(entry: "etree._Element") -> list["etree._Element"]:
    rows = entry.findall("{*}NtryDtls/{*}TxDtls")
    if not 1 <= len(rows) <= ENTRY_MAX or entry.findtext("{*}Sts/{*}Cd") != "BOOK":
        raise ValueError
    return rows


def _text(element: "etree._Element", name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""


def _amount(element: "etree._Element") -> int:
    amount = element.find("{*}Amt")
    if amount is None or amount.get("Ccy") != "KZT":
        raise ValueError
    found = parse_tenge(amount.text or "")
    if found < 1:
        raise ValueError
    return found


def _sum(text: str) -> int:
    return parse_tenge(text or "0")


def _balance(text: str) -> int:
    return -parse_tenge(text[1:]) if text.startswith("-") else parse_tenge(text)


def _count(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return int(text)
