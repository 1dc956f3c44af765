"""Statements of the cash control account: camt.054 as soon as something is booked, camt.053 of a closed day.

GET /statements/N   the N-th document of the account, counted from 1; 204 when there is none yet
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from lxml import etree

from backend.kernel.clock import legal_date
from infra.sandbox.gates import pass_by
from infra.sandbox.state import Sandbox
from infra.sandbox.treasury.model import Booking, Document, Treasury, book, state

CAMT_053 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
CAMT_054 = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"


class Credit(msgspec.Struct, frozen=True):
    """Money that came to the account."""

    reference: str
    amount_tiyn: int


class ComeBack(msgspec.Struct, frozen=True):
    """The payee's bank sends a payment back."""

    message_id: str
    reason: str = "AC04"


class Misbook(msgspec.Struct, frozen=True):
    """A movement nobody ordered, of the wrong sum, or twice: what an officer has to find."""

    end_to_end_id: str
    amount_tiyn: int
    direction: Literal["DBIT", "CRDT"] = "DBIT"
    returned: bool = False


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with the next document: `altered`, `gap`, `balance` or nothing."""

    fault: str | None = None


@get("/statements/{number:int}")
async def tell_statement(
    number: FromPath[int], sandbox: NamedDependency[Sandbox]
) -> Response[bytes]:
    """The document of this number; those made stay as they are."""
    treasury = state(sandbox)
    await pass_by(sandbox, "treasury.statement.asked")
    if number == len(treasury.documents) + 1:
        make(treasury, sandbox.now())
    if not 1 <= number <= len(treasury.documents):
        return Response(b"", status_code=204, media_type="application/xml")
    return Response(treasury.documents[number - 1].raw, media_type="application/xml")


@post("/control/credits", status_code=204)
async def credit(data: JSONBody[Credit], sandbox: NamedDependency[Sandbox]) -> None:
    """Let money come."""
    day = legal_date(sandbox.now())
    book(state(sandbox), day, "CRDT", data.amount_tiyn, data.reference)


@post("/control/returns", status_code=204)
async def come_back(data: JSONBody[ComeBack], sandbox: NamedDependency[Sandbox]) -> None:
    """Let an executed payment come back."""
    treasury = state(sandbox)
    order = treasury.orders[data.message_id]
    assert order.status == "ACSC", "only what was paid comes back"
    order.returned += 1
    amount = int(order.amount.replace(".", ""))
    day = legal_date(sandbox.now())
    book(treasury, day, "CRDT", amount, data.message_id, returned=True, reason=data.reason)


@post("/control/misbookings", status_code=204)
async def misbook(data: JSONBody[Misbook], sandbox: NamedDependency[Sandbox]) -> None:
    """Book what is not right."""
    book(
        state(sandbox),
        legal_date(sandbox.now()),
        data.direction,
        data.amount_tiyn,
        data.end_to_end_id,
        returned=data.returned,
    )


@post("/control/statement-fault", status_code=204)
async def fault(data: JSONBody[Fault], sandbox: NamedDependency[Sandbox]) -> None:
    """Let the next document have a fault."""
    state(sandbox).fault = data.fault


HANDLERS = [tell_statement, credit, come_back, misbook, fault]


def make(treasury: Treasury, now: datetime) -> None:
    """The next document, when there is something to tell: a closed day first, then what is new."""
    if not treasury.account:
        return
    day = closed_day(treasury, legal_date(now))
    if day is not None:
        treasury.closed_day = day
        told = [b for b in treasury.bookings if b.day == day]
        opening = balance(b for b in treasury.bookings if b.day < day)
        raw = write(treasury, now, CAMT_053, told, day, opening)
    elif treasury.notified < len(treasury.bookings):
        told = treasury.bookings[treasury.notified :]
        treasury.notified = len(treasury.bookings)
        raw = write(treasury, now, CAMT_054, told)
    else:
        return
    treasury.documents.append(Document(now, raw))


def closed_day(treasury: Treasury, today: date) -> date | None:
    """The next day with movements that is over, all of them notified."""
    days = sorted(
        {
            b.day
            for b in treasury.bookings[: treasury.notified]
            if b.day < today and (treasury.closed_day is None or b.day > treasury.closed_day)
        }
    )
    return days[0] if days else None


def balance(bookings: Iterable[Booking]) -> int:
    """What movements sum to, in tiyn."""
    return sum(b.amount if b.direction == "CRDT" else -b.amount for b in bookings)


def write(
    treasury: Treasury,
    now: datetime,
    namespace: str,
    told: Sequence[Booking],
    day: date | None = None,
    opening: int = 0,
) -> bytes:
    """One document, with the fault somebody asked for."""
    wrong, treasury.fault = treasury.fault, None
    number = len(treasury.documents) + (2 if wrong == "gap" else 1)
    statement = day is not None
    document = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})  # type: ignore[dict-item]

    def add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
        made = etree.SubElement(parent, f"{{{namespace}}}{name}")
        made.text = text
        return made

    def sum_of(parent: etree._Element, amount: int) -> None:
        add(parent, "Amt", f"{abs(amount) // 100}.{abs(amount) % 100:02}").set("Ccy", "KZT")

    body = add(document, "BkToCstmrStmt" if statement else "BkToCstmrDbtCdtNtfctn")
    header = add(body, "GrpHdr")
    add(header, "MsgId", f"KT-{number:010}")
    add(header, "CreDtTm", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    one = add(body, "Stmt" if statement else "Ntfctn")
    add(one, "Id", f"{'S' if statement else 'N'}-{number:010}")
    add(one, "ElctrncSeqNb", str(number))
    add(one, "CreDtTm", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    add(add(add(one, "Acct"), "Id"), "IBAN", treasury.account)
    if day is not None:
        closing = opening + balance(told) + (1 if wrong == "balance" else 0)
        for code, amount in (("OPBD", opening), ("CLBD", closing)):
            held = add(one, "Bal")
            add(add(add(held, "Tp"), "CdOrPrtry"), "Cd", code)
            sum_of(held, amount)
            add(held, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")
            add(add(held, "Dt"), "Dt", day.isoformat())
    for booking in told:
        entry = add(one, "Ntry")
        sum_of(entry, booking.amount + (1 if wrong == "altered" else 0))
        add(entry, "CdtDbtInd", booking.direction)
        if booking.returned:
            add(entry, "RvslInd", "true")
        add(add(entry, "Sts"), "Cd", "BOOK")
        add(add(entry, "BookgDt"), "Dt", booking.day.isoformat())
        add(entry, "AcctSvcrRef", booking.reference)
        details = add(add(entry, "NtryDtls"), "TxDtls")
        add(add(details, "Refs"), "EndToEndId", booking.end_to_end_id)
        if booking.reason:
            add(add(add(details, "RtrInf"), "Rsn"), "Cd", booking.reason)
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)
