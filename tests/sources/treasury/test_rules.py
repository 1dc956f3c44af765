"""Orders are written the same way each time; reports are read only when they are what they seem."""

from datetime import UTC, date, datetime

import pytest
from lxml import etree

from backend.sources.treasury.errors import OrderUnreadable
from backend.sources.treasury.model import CreditTransfer, OrderStatus, Party, TreasuryAnswer
from backend.sources.treasury.rules import AnswerUnreadable, read_answer, write_order

PAYER = Party(
    "«Әлеуметтік медициналық сақтандыру қоры» КЕАҚ",
    "061211600012",
    "KZ86125KZT5004100100",
    "KKMFKZ2A",
)
PAYEE = Party("Аудандық емхана & К", "990340001234", "KZ86125KZT5004100100", "CASPKZKA")
ORDER = CreditTransfer(
    message_id="0198000000007000800000000000000a",
    created_at=datetime(2026, 6, 1, 4, 0, tzinfo=UTC),
    execute_on=date(2026, 6, 1),
    payer=PAYER,
    payee=PAYEE,
    amount_tiyn=123_456_705,
    basis="2026-MHI-000001, акт 7",
)


def values(raw: bytes, name: str) -> list[str | None]:
    return [e.text for e in etree.fromstring(raw).iterfind(f".//{{*}}{name}")]


def test_an_order_says_who_pays_whom_how_much_and_why() -> None:
    raw = write_order(ORDER)
    assert raw == write_order(ORDER)
    assert values(raw, "MsgId") == values(raw, "EndToEndId") == [ORDER.message_id]
    assert values(raw, "InstdAmt") == ["1234567.05"]
    assert values(raw, "CtrlSum") == ["1234567.05"] * 2
    assert values(raw, "NbOfTxs") == ["1", "1"]
    assert values(raw, "Nm") == [PAYER.name, PAYER.name, PAYEE.name]
    assert values(raw, "Ustrd") == [ORDER.basis]
    assert values(raw, "BICFI") == [PAYER.bic, PAYEE.bic]


@pytest.mark.parametrize("name", ["", "a\x00b", "a\x1bb", "\ud800"])
def test_what_xml_cannot_carry_is_refused(name: str) -> None:
    odd = Party(name, PAYEE.number, PAYEE.iban, PAYEE.bic)
    with pytest.raises(OrderUnreadable):
        write_order(
            CreditTransfer(ORDER.message_id, ORDER.created_at, ORDER.execute_on, PAYER, odd, 1, "x")
        )
    with pytest.raises(OrderUnreadable):
        write_order(
            CreditTransfer(
                ORDER.message_id, ORDER.created_at, ORDER.execute_on, PAYER, PAYEE, 0, "x"
            )
        )


def report(status: str, message_id: str = "M1", prolog: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId><GrpSts>{status}</GrpSts>"
        "<StsRsnInf><Rsn><Prtry>AC01</Prtry></Rsn></StsRsnInf>"
        "</OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def test_reports_become_statuses() -> None:
    assert read_answer(report("ACSP"), "M1") == TreasuryAnswer("M1", OrderStatus.ACCEPTED)
    assert read_answer(report("ACSC"), "M1") == TreasuryAnswer("M1", OrderStatus.EXECUTED)
    assert read_answer(report("RJCT"), "M1") == TreasuryAnswer("M1", OrderStatus.REJECTED, "AC01")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"<Document/>",
        report("ACSC", "M2"),
        report("WHAT"),
        report("ACSC", prolog='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        report("ACSC").decode().encode("utf-16"),
        report("ACSC")[:-5],
        report("ACSC") + b" " * 70_000,
    ],
)
def test_anything_else_is_no_answer(raw: bytes) -> None:
    with pytest.raises(AnswerUnreadable):
        read_answer(raw, "M1")
