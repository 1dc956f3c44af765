"""Files as the State Corporation makes them, from rows told in one way."""

from collections.abc import Sequence
from datetime import date

from lxml import etree

from backend.kernel.money import plain
from backend.sources.state_corporation.camt_format import CAMT_053, CAMT_054
from backend.sources.state_corporation.model import FileFormat, Line, LineKind

DAY = date(2026, 4, 6)


def receipt(
    ref: str,
    iin: str,
    period: str = "2026-03",
    *,
    kind: str = "deduction",
    payer: str | None = "090440002224",
    amount_tiyn: int = 900_000,
    day: date = DAY,
    payer_kind: str | None = None,
) -> Line:
    return Line(
        0, LineKind.RECEIPT, ref, day, amount_tiyn, period, kind, iin, payer, payer_kind
    )  # fmt: skip


def refund(ref: str, original: str, amount_tiyn: int = 900_000, day: date = DAY) -> Line:
    return Line(0, LineKind.REFUND, ref, day, amount_tiyn, original_ref=original)


def reversal(ref: str, original: str, amount_tiyn: int = 900_000, day: date = DAY) -> Line:
    return Line(0, LineKind.REVERSAL, ref, day, amount_tiyn, original_ref=original)


def totals(lines: Sequence[Line]) -> tuple[int, int]:
    received = sum(x.amount_tiyn for x in lines if x.kind is LineKind.RECEIPT)
    return received, sum(x.amount_tiyn for x in lines) - received


def write(kind: FileFormat, lines: Sequence[Line], number: str = "SC-1", day: date = DAY) -> bytes:
    if kind is FileFormat.CSV:
        return write_csv(lines, number, day)
    return write_camt(kind, lines, number, day)


def write_csv(lines: Sequence[Line], number: str = "SC-1", day: date = DAY) -> bytes:
    received, returned = totals(lines)
    rows = [f"H;SC-MHI-1;{number};{day};{len(lines)};{plain(received)};{plain(returned)}"]
    for x in lines:
        if x.kind is LineKind.RECEIPT:
            assert x.receipt_kind is not None
            rows.append(
                f"P;{x.ref};{x.day};{x.period};{x.receipt_kind[0].upper()};{x.iin};{x.payer or ''};"
                f"{x.payer_kind or ''};{plain(x.amount_tiyn)}"
            )
        else:
            tag = "R" if x.kind is LineKind.REFUND else "S"
            rows.append(f"{tag};{x.ref};{x.day};{x.original_ref};{plain(x.amount_tiyn)}")
    rows.append(f"T;{len(lines)}")
    return ("\n".join(rows) + "\n").encode()


def write_camt(
    kind: FileFormat, lines: Sequence[Line], number: str = "SC-1", day: date = DAY
) -> bytes:
    namespace, body, holder = {
        FileFormat.CAMT_053: (CAMT_053, "BkToCstmrStmt", "Stmt"),
        FileFormat.CAMT_054: (CAMT_054, "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    }[kind]
    root = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})  # type: ignore[dict-item]

    def add(parent: etree._Element, path: str, text: str | None = None) -> etree._Element:
        for name in path.split("/"):
            parent = etree.SubElement(parent, f"{{{namespace}}}{name}")
        parent.text = text
        return parent

    message = add(root, body)
    header = add(message, "GrpHdr")
    add(header, "MsgId", number)
    add(header, "CreDtTm", f"{day}T01:00:00+05:00")
    account = add(message, holder)
    add(account, "Id", number)
    add(account, "CreDtTm", f"{day}T01:00:00+05:00")
    add(account, "Acct/Id/IBAN", "KZ86125KZT5004100100")
    received, returned = totals(lines)
    if kind is FileFormat.CAMT_053:
        for code, amount in (("OPBD", 1_000_00), ("CLBD", 1_000_00 + received - returned)):
            balance = add(account, "Bal")
            add(balance, "Tp/CdOrPrtry/Cd", code)
            add(balance, "Amt", plain(abs(amount))).set("Ccy", "KZT")
            add(balance, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")
            add(balance, "Dt/Dt", day.isoformat())
    summary = add(account, "TxsSummry")
    add(summary, "TtlNtries/NbOfNtries", str(len(lines)))
    for side, amount in (("TtlCdtNtries", received), ("TtlDbtNtries", returned)):
        total = add(summary, side)
        add(total, "Sum", plain(amount))
    for x in lines:
        entry = add(account, "Ntry")
        add(entry, "NtryRef", x.ref[:35])
        add(entry, "Amt", plain(x.amount_tiyn)).set("Ccy", "KZT")
        add(entry, "CdtDbtInd", "CRDT" if x.kind is LineKind.RECEIPT else "DBIT")
        if x.kind is LineKind.REVERSAL:
            add(entry, "RvslInd", "true")
        add(entry, "Sts/Cd", "BOOK")
        add(entry, "BookgDt/Dt", x.day.isoformat())
        add(entry, "BkTxCd/Prtry/Cd", "MHI")
        row = add(entry, "NtryDtls/TxDtls")
        refs = add(row, "Refs")
        add(refs, "AcctSvcrRef", x.ref)
        if x.original_ref is not None:
            original = add(refs, "Prtry")
            add(original, "Tp", "ORIGINAL")
            add(original, "Ref", x.original_ref)
        add(row, "Amt", plain(x.amount_tiyn)).set("Ccy", "KZT")
        if x.kind is LineKind.RECEIPT:
            assert x.period is not None
            parties = add(row, "RltdPties")
            if x.payer is not None:
                add(parties, "Dbtr/Pty/Id/OrgId/Othr/Id", x.payer)
            add(parties, "UltmtDbtr/Pty/Id/PrvtId/Othr/Id", x.iin)
            add(row, "Purp/Prtry", x.receipt_kind)
            record = add(row, "Tax/Rcrd")
            if x.payer_kind is not None:
                add(record, "Ctgy", x.payer_kind)
            span = add(record, "Prd")
            add(span, "Yr", f"{x.period[:4]}-01-01")
            add(span, "Tp", f"MM{x.period[5:]}")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
