"""Payment orders: signed pain.001 messages in, pain.002 reports out.

Whatever is odd about a message is refused before anything of it is taken: not one flipped byte,
dropped, doubled or reordered row gets through. A message id is one order for ever, and only an order
that stands in a register taken before is paid.
"""

import base64
import hashlib
import re
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse
from lxml import etree

from backend.kernel.clock import legal_date
from backend.signing.trust.store import TrustStore
from backend.signing.verify.document import verify_cms
from infra.sandbox.gates import pass_by
from infra.sandbox.state import Sandbox
from infra.sandbox.treasury.model import Count, Refused, Row, Treasury, TreasuryOrder, book, state

PAIN_001 = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PAIN_002 = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
SIGNER_ROLES = frozenset({"head", "signatory", "finance", "treasury_client"})
_NS = {"p": PAIN_001}
_AMOUNT = re.compile(r"[0-9]{1,16}\.[0-9]{2}")
_IBAN = re.compile(r"KZ[0-9]{5}[0-9A-Z]{13}")


class Message(msgspec.Struct, frozen=True):
    """What was read from a message."""

    message_id: str
    payer: str
    payee: str
    iban: str
    amount: str


@post("/orders", status_code=200)
async def take(
    request: Request[Any, Any, Any], sandbox: NamedDependency[Sandbox]
) -> Response[bytes]:
    """Take one signed message; the same message again is the same order."""
    treasury = state(sandbox)
    raw = await request.body()
    await pass_by(sandbox, "treasury.order.arrived")
    try:
        require_intact(raw, request.headers.get("content-digest"))
        message = read_message(raw)
        require_signed(sandbox, raw, request.headers.get("x-signature"), message.payer)
        order = keep(treasury, message, raw)
    except Refused as e:
        treasury.refused += 1
        return report(sandbox.now(), message_id_of(raw), "RJCT", str(e), status_code=422)
    await pass_by(sandbox, "treasury.order.taken")
    if treasury.drop > 0:
        treasury.drop -= 1
        return Lost()
    return report(sandbox.now(), order.message_id, order.status, order.reason)


@get("/orders/{message_id:str}")
async def tell(message_id: FromPath[str], sandbox: NamedDependency[Sandbox]) -> Response[bytes]:
    """Tell the status; an accepted order is executed by the time it is first asked about."""
    await pass_by(sandbox, "treasury.status.asked")
    treasury = state(sandbox)
    order = treasury.orders.get(message_id)
    if order is None:
        return Response(b"", status_code=404, media_type="application/xml")
    if order.status == "ACSP":
        execute(treasury, order, legal_date(sandbox.now()))
    await pass_by(sandbox, "treasury.status.told")
    return report(sandbox.now(), message_id, order.status, order.reason)


@get("/control/orders")
async def orders(sandbox: NamedDependency[Sandbox]) -> dict[str, Any]:
    """Show every order, how often it was delivered and how often it was paid."""
    treasury = state(sandbox)
    return {"orders": list(treasury.orders.values()), "refused": treasury.refused}


@post("/control/drop-answers", status_code=200)
async def drop_answers(data: JSONBody[Count], sandbox: NamedDependency[Sandbox]) -> dict[str, int]:
    """Accept the next `count` messages and lose the answers."""
    state(sandbox).drop = data.count
    return {"drop": data.count}


@post("/control/reject-orders", status_code=200)
async def reject_orders(data: JSONBody[Count], sandbox: NamedDependency[Sandbox]) -> dict[str, int]:
    """Return the next `count` new orders with the reason."""
    treasury = state(sandbox)
    treasury.reject, treasury.reason = data.count, data.reason
    return {"reject": data.count}


HANDLERS = [take, tell, orders, drop_answers, reject_orders]


def execute(treasury: Treasury, order: TreasuryOrder, day: date) -> None:
    """Pay an order: once, with its booking."""
    order.status = "ACSC"
    order.executed += 1
    book(treasury, day, "DBIT", _tiyn(order.amount), order.message_id)


def require_announced(treasury: Treasury, message: Message) -> None:
    """The order must be a row of a register taken before: the same payee, account and sum."""
    row = Row(message.payer, message.payee, message.iban, message.amount)
    if treasury.rows.get(message.message_id) != row:
        raise Refused("NOT_IN_REGISTER")


def keep(treasury: Treasury, message: Message, raw: bytes) -> TreasuryOrder:
    """Register the order, or meet it again. Raises Refused for another message of a known id."""
    digest = hashlib.sha256(raw).hexdigest()
    known = treasury.orders.get(message.message_id)
    if known is not None:
        if known.sha256 != digest:
            raise Refused("DUPL")
        known.received += 1
        return known
    require_announced(treasury, message)
    order = TreasuryOrder(
        message.message_id, digest, message.payer, message.payee, message.amount, "ACSP"
    )
    if treasury.reject > 0:
        treasury.reject -= 1
        order.status, order.reason = "RJCT", treasury.reason
    treasury.orders[message.message_id] = order
    return order


def require_intact(raw: bytes, digest: str | None) -> None:
    """The header's hash must be the body's (RFC 9530)."""
    wanted = base64.b64encode(hashlib.sha256(raw).digest()).decode()
    if digest != f"sha-256=:{wanted}:":
        raise Refused("DIGEST")


def require_signed(
    sandbox: Sandbox,
    raw: bytes,
    signature: str | None,
    payer: str,
    roles: AbstractSet[str] = SIGNER_ROLES,
) -> None:
    """A detached CMS over exactly these bytes, by someone of the payer who may sign payments."""
    try:
        cms = base64.b64decode(signature or "", validate=True)
    except ValueError:
        raise Refused("SIGNATURE") from None
    found = verify_cms(
        cms,
        raw,
        TrustStore("sandbox", tuple(sandbox.centre.anchors())),
        sandbox.now(),
        None,
        revocation_required=False,
    )
    if not found.valid or len(found.signers) != 1:
        raise Refused("SIGNATURE")
    if found.signers[0].bin != payer or not roles & set(found.signers[0].roles):
        raise Refused("SIGNER")


def read_message(raw: bytes) -> Message:
    """Read a pain.001 message with its own header as judge. Raises Refused."""
    root = _parse(raw)
    header = _only(root, "/p:Document/p:CstmrCdtTrfInitn/p:GrpHdr")
    rows = _all(root, "//p:CdtTrfTxInf")
    total = sum(_tiyn(_value(row, "p:Amt/p:InstdAmt")) for row in rows)
    for counted in (header, *_all(root, "//p:PmtInf")):
        if _value(counted, "p:NbOfTxs") != str(len(rows)):
            raise Refused("NB_OF_TXS")
        if _tiyn(_value(counted, "p:CtrlSum")) != total:
            raise Refused("CTRL_SUM")
    ids = [_value(row, "p:PmtId/p:EndToEndId") for row in rows]
    if len(rows) != 1 or len(set(ids)) != len(ids):
        raise Refused("ROWS")
    for account in _all(root, "//p:IBAN"):
        require_iban(account.text or "")
    if rows[0].findtext(f"{{{PAIN_001}}}Amt/{{{PAIN_001}}}InstdAmt[@Ccy='KZT']") is None:
        raise Refused("CURRENCY")
    return Message(
        message_id=_value(header, "p:MsgId"),
        payer=_value(root, "//p:PmtInf/p:Dbtr/p:Id/p:OrgId/p:Othr/p:Id"),
        payee=_value(rows[0], "p:Cdtr/p:Id/p:OrgId/p:Othr/p:Id"),
        iban=_value(rows[0], "p:CdtrAcct/p:Id/p:IBAN"),
        amount=_value(rows[0], "p:Amt/p:InstdAmt"),
    )


def message_id_of(raw: bytes) -> str:
    """The id a refused message claims, if it can be read at all."""
    try:
        return _value(_parse(raw), "//p:GrpHdr/p:MsgId")
    except Refused:
        return "UNKNOWN"


def report(
    now: datetime, message_id: str, status: str, reason: str | None, *, status_code: int = 200
) -> Response[bytes]:
    """A pain.002 report on one message."""
    document = etree.Element(f"{{{PAIN_002}}}Document", nsmap={None: PAIN_002})  # type: ignore[dict-item]
    body = etree.SubElement(document, f"{{{PAIN_002}}}CstmrPmtStsRpt")
    header = etree.SubElement(body, f"{{{PAIN_002}}}GrpHdr")
    _leaf(header, "MsgId", f"S{hashlib.sha256(message_id.encode()).hexdigest()[:30]}")
    _leaf(header, "CreDtTm", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
    group = etree.SubElement(body, f"{{{PAIN_002}}}OrgnlGrpInfAndSts")
    _leaf(group, "OrgnlMsgId", message_id)
    _leaf(group, "OrgnlMsgNmId", "pain.001.001.09")
    _leaf(group, "GrpSts", status)
    if reason:
        information = etree.SubElement(group, f"{{{PAIN_002}}}StsRsnInf")
        _leaf(etree.SubElement(information, f"{{{PAIN_002}}}Rsn"), "Prtry", reason)
    raw = etree.tostring(document, encoding="UTF-8", xml_declaration=True)
    return Response(raw, status_code=status_code, media_type="application/xml")


class Lost(Response[bytes]):
    """An answer that breaks off: the line goes dead after the order was taken."""

    def __init__(self) -> None:
        super().__init__(b"", media_type="application/xml")

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        """A response that promises a body and never sends it."""
        return _DeadLine(body=b"", media_type="application/xml")


class _DeadLine(ASGIResponse):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/xml"), (b"content-length", b"9999")],
            }
        )


def _leaf(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, f"{{{PAIN_002}}}{name}").text = value


def _parse(raw: bytes) -> etree._Element:
    if b"<!" in raw:
        raise Refused("DTD")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        raw.decode("utf-8")
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Refused("MALFORMED") from None


def _all(where: etree._Element, path: str) -> list[etree._Element]:
    found = where.xpath(path, namespaces=_NS)
    assert isinstance(found, list)
    return found  # type: ignore[return-value]


def _only(where: etree._Element, path: str) -> etree._Element:
    found = _all(where, path)
    if len(found) != 1:
        raise Refused("STRUCTURE")
    return found[0]


def _value(where: etree._Element, path: str) -> str:
    text = _only(where, path).text
    if not text or len(text) > 140:
        raise Refused("STRUCTURE")
    return text


def _tiyn(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise Refused("AMOUNT")
    return int(text.replace(".", ""))


def require_iban(text: str) -> None:
    """An account number of Kazakhstan whose check digits stand. Raises Refused."""
    moved = text[4:] + text[:4]
    if not _IBAN.fullmatch(text) or int("".join(str(int(s, 36)) for s in moved)) % 97 != 1:
        raise Refused("IBAN")
