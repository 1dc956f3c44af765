"""Writing a pain.001.001.09 message and reading a pain.002.001.10 report. Pure.

The same order always gives the same bytes: they are what is signed, stored and sent.
"""

import re
from datetime import UTC
from typing import Final

from lxml import etree

from backend.kernel import money
from backend.sources.treasury.errors import AnswerUnreadable, OrderUnreadable
from backend.sources.treasury.model import CreditTransfer, OrderStatus, Party, TreasuryAnswer

PAIN_001: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PAIN_002: Final = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
CURRENCY: Final = "KZT"
NAME_MAX: Final = 140  # Max140Text
ID_MAX: Final = 35  # Max35Text
ANSWER_MAX: Final = 64 * 1024
# ISO 20022 external code set, payment transaction status
_STATUSES: Final = {
    "ACTC": OrderStatus.ACCEPTED,
    "ACCP": OrderStatus.ACCEPTED,
    "ACSP": OrderStatus.ACCEPTED,
    "PDNG": OrderStatus.ACCEPTED,
    "ACSC": OrderStatus.EXECUTED,
    "ACCC": OrderStatus.EXECUTED,
    "RJCT": OrderStatus.REJECTED,
}
# What XML 1.0 can carry; the rest would be refused by the writer or changed on the way.
_UNFIT = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_order(order: CreditTransfer) -> bytes:
    """The pain.001 message of one order, in UTF-8. Raises OrderUnreadable."""
    if order.amount_tiyn <= 0:
        raise OrderUnreadable(path="amount_tiyn")
    total = money.plain(order.amount_tiyn)
    document = etree.Element(f"{{{PAIN_001}}}Document", nsmap={None: PAIN_001})  # type: ignore[dict-item]
    initiation = _add(document, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _text(header, "MsgId", order.message_id, ID_MAX)
    _text(header, "CreDtTm", order.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _text(header, "NbOfTxs", "1")
    _text(header, "CtrlSum", total)
    _party(_add(header, "InitgPty"), order.payer)
    payment = _add(initiation, "PmtInf")
    _text(payment, "PmtInfId", order.message_id, ID_MAX)
    _text(payment, "PmtMtd", "TRF")
    _text(payment, "NbOfTxs", "1")
    _text(payment, "CtrlSum", total)
    _text(_add(payment, "ReqdExctnDt"), "Dt", order.execute_on.isoformat())
    _party(_add(payment, "Dbtr"), order.payer)
    _account(payment, "DbtrAcct", order.payer)
    _agent(payment, "DbtrAgt", order.payer)
    transfer = _add(payment, "CdtTrfTxInf")
    _text(_add(transfer, "PmtId"), "EndToEndId", order.message_id, ID_MAX)
    _text(_add(transfer, "Amt"), "InstdAmt", total).set("Ccy", CURRENCY)
    _agent(transfer, "CdtrAgt", order.payee)
    _party(_add(transfer, "Cdtr"), order.payee)
    _account(transfer, "CdtrAcct", order.payee)
    remittance = _add(transfer, "RmtInf")
    for start in range(0, len(order.basis), NAME_MAX):
        _text(remittance, "Ustrd", order.basis[start : start + NAME_MAX])
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)


def read_answer(raw: bytes, message_id: str) -> TreasuryAnswer:
    """Read a status report about `message_id`. Raises AnswerUnreadable."""
    group = parse(raw).find(".//{*}OrgnlGrpInfAndSts")
    if group is None or group.findtext("{*}OrgnlMsgId") != message_id:
        raise AnswerUnreadable("the report is about another message")
    status = _STATUSES.get(group.findtext("{*}GrpSts") or "")
    if status is None:
        raise AnswerUnreadable("no status we know")
    reason = group.findtext("{*}StsRsnInf/{*}Rsn/{*}Prtry") or group.findtext(
        "{*}StsRsnInf/{*}Rsn/{*}Cd"
    )
    return TreasuryAnswer(
        message_id, status, (reason or "UNSTATED")[:ID_MAX] if _bad(status) else None
    )


def parse(raw: bytes, longest: int = ANSWER_MAX) -> etree._Element:
    """Parse XML that holds no DTD and no entities of its own. Raises AnswerUnreadable."""
    if len(raw) > longest or b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise AnswerUnreadable("too large, or with a document type")
    try:
        raw.decode("utf-8")
        root = etree.fromstring(raw, _parser())
    except (etree.XMLSyntaxError, UnicodeDecodeError, ValueError):
        raise AnswerUnreadable("not XML in UTF-8") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise AnswerUnreadable("with a document type")
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )


def _bad(status: OrderStatus) -> bool:
    return status is OrderStatus.REJECTED


def _add(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{PAIN_001}}}{name}")


def _text(parent: etree._Element, name: str, value: str, longest: int = NAME_MAX) -> etree._Element:
    if not 1 <= len(value) <= longest or _UNFIT.search(value):
        raise OrderUnreadable(path=name)
    made = _add(parent, name)
    made.text = value
    return made


def _party(parent: etree._Element, party: Party) -> None:
    _text(parent, "Nm", party.name[:NAME_MAX])
    other = _add(_add(_add(parent, "Id"), "OrgId"), "Othr")
    _text(other, "Id", party.number, ID_MAX)


def _account(parent: etree._Element, name: str, party: Party) -> None:
    _text(_add(_add(parent, name), "Id"), "IBAN", party.iban, ID_MAX)


def _agent(parent: etree._Element, name: str, party: Party) -> None:
    _text(_add(_add(parent, name), "FinInstnId"), "BICFI", party.bic, ID_MAX)
