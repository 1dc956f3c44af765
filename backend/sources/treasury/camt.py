"""Reading statements of the cash control account: camt.053.001.08 and camt.054.001.08. Pure.

A statement is believed when all of it agrees: known fields alone decide, the currency is ours, every
entry is booked and names its reference, and a day's closing balance is its opening one and its entries.
"""

import re
from datetime import date, datetime
from typing import Final, Literal, cast

from lxml import etree

from backend.kernel import money
from backend.sources.treasury.errors import AnswerUnreadable
from backend.sources.treasury.model import Movement, Statement
from backend.sources.treasury.rules import CURRENCY, ID_MAX, parse

STATEMENT_MAX: Final = 32 * 1024 * 1024  # bytes
CAMT_053: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
CAMT_054: Final = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


def read_statement(raw: bytes) -> Statement:
    """One statement or notification. Raises AnswerUnreadable."""
    root = parse(raw, STATEMENT_MAX)
    name = etree.QName(root)
    day = name.namespace == CAMT_053
    if name.localname != "Document" or name.namespace not in (CAMT_053, CAMT_054):
        raise AnswerUnreadable("neither camt.053 nor camt.054")
    one = _only(root, "{*}BkToCstmrStmt/{*}Stmt" if day else "{*}BkToCstmrDbtCdtNtfctn/{*}Ntfctn")
    number = _text(one, "{*}ElctrncSeqNb")
    if not _NUMBER.fullmatch(number):
        raise AnswerUnreadable("no number")
    movements = tuple(_movement(entry) for entry in one.findall("{*}Ntry"))
    if len({m.reference for m in movements}) != len(movements):
        raise AnswerUnreadable("one reference stands twice")
    found = Statement(
        kind="camt.053" if day else "camt.054",
        document_id=_text(one, "{*}Id"),
        number=int(number),
        made_at=_instant(_text(one, "{*}CreDtTm")),
        account=_text(one, "{*}Acct/{*}Id/{*}IBAN"),
        day=_date(_balance(one, "OPBD"), "{*}Dt/{*}Dt") if day else None,
        opening_tiyn=_held(_balance(one, "OPBD")) if day else None,
        closing_tiyn=_held(_balance(one, "CLBD")) if day else None,
        movements=movements,
    )
    if found.opening_tiyn is not None and found.closing_tiyn is not None:
        moved = sum(m.amount_tiyn if m.direction == "CRDT" else -m.amount_tiyn for m in movements)
        if found.opening_tiyn + moved != found.closing_tiyn:
            raise AnswerUnreadable("the balances do not agree with the entries")
        if any(m.booked_on != found.day for m in movements):
            raise AnswerUnreadable("an entry of another day")
    return found


def _movement(entry: etree._Element) -> Movement:
    if _text(entry, "{*}Sts/{*}Cd") != "BOOK":
        raise AnswerUnreadable("an entry that is not booked")
    direction = _direction(entry)
    details = entry.find("{*}NtryDtls/{*}TxDtls")
    reason = entry.findtext("{*}NtryDtls/{*}TxDtls/{*}RtrInf/{*}Rsn/{*}Cd")
    reversed_ = entry.findtext("{*}RvslInd")
    if reversed_ not in (None, "true", "false"):
        raise AnswerUnreadable("RvslInd")
    amount = _amount(entry)
    if amount <= 0:
        raise AnswerUnreadable("an entry of nothing")
    return Movement(
        reference=_text(entry, "{*}AcctSvcrRef"),
        booked_on=_date(entry, "{*}BookgDt/{*}Dt"),
        direction=direction,
        amount_tiyn=amount,
        returned=direction == "CRDT" and (reversed_ == "true" or reason is not None),
        end_to_end_id=None if details is None else _optional(details, "{*}Refs/{*}EndToEndId"),
        reason=reason[:ID_MAX] if reason else None,
    )


def _only(where: etree._Element, path: str) -> etree._Element:
    found = where.findall(path)
    if len(found) != 1:
        raise AnswerUnreadable(path)
    return found[0]


def _text(where: etree._Element, path: str) -> str:
    text = _only(where, path).text or ""
    if not 1 <= len(text) <= ID_MAX or text != text.strip():
        raise AnswerUnreadable(path)
    return text


def _optional(where: etree._Element, path: str) -> str | None:
    return None if where.find(path) is None else _text(where, path)


def _direction(where: etree._Element) -> Literal["DBIT", "CRDT"]:
    text = _text(where, "{*}CdtDbtInd")
    if text not in ("DBIT", "CRDT"):
        raise AnswerUnreadable("CdtDbtInd")
    return cast(Literal["DBIT", "CRDT"], text)


def _amount(where: etree._Element) -> int:
    found = _only(where, "{*}Amt")
    if found.get("Ccy") != CURRENCY:
        raise AnswerUnreadable("currency")
    try:
        return money.parse_tenge(found.text or "")
    except money.AmountInvalid:
        raise AnswerUnreadable("amount") from None


def _balance(one: etree._Element, code: str) -> etree._Element:
    found = [b for b in one.findall("{*}Bal") if b.findtext("{*}Tp/{*}CdOrPrtry/{*}Cd") == code]
    if len(found) != 1:
        raise AnswerUnreadable(code)
    return found[0]


def _held(balance: etree._Element) -> int:
    amount = _amount(balance)
    return amount if _direction(balance) == "CRDT" else -amount


def _date(where: etree._Element, path: str) -> date:
    try:
        return date.fromisoformat(_text(where, path))
    except ValueError:
        raise AnswerUnreadable(path) from None


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise AnswerUnreadable("CreDtTm") from None
    if found.tzinfo is None:
        raise AnswerUnreadable("CreDtTm without an offset")
    return found
