"""Acts registers: the file goes ahead of its orders, and none of them is taken before it.

POST /registers   the file the issuer's head signed for; `X-Document`: what the head signed (base64),
                  `X-Signature`: the CMS over it (base64), `Content-Digest` of the file
"""

import base64
import hashlib
import re
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from infra.sandbox.gates import pass_by
from infra.sandbox.state import Sandbox
from infra.sandbox.treasury.model import Count, Refused, Row, Treasury, state
from infra.sandbox.treasury.orders import (
    Lost,
    report,
    require_iban,
    require_intact,
    require_signed,
)

FORMAT = "acts-register.1"
_HEX = re.compile(r"[0-9a-f]{32}")


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says of itself."""

    message_id: str
    number: int
    source: str
    payer_bin: str
    formed_at: str
    count: int
    sum_tiyn: int
    rows_sha256: str


class TableRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The thirteen columns of Appendix 1."""

    no: int
    sender: str
    recipient: str
    recipient_bin: str
    basis: str
    service_name: str
    sender_account: str
    recipient_account: str
    act_number: str
    act_date: str
    service_period: str
    recipient_bic: str
    sum_tiyn: int


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: header, table, and the message id of the order of each row."""

    format: str
    header: Header
    rows: tuple[TableRow, ...]
    orders: tuple[str, ...]


class HeadSigned(msgspec.Struct, frozen=True):
    """What the head's signature stands for."""

    operation: str
    content_sha256: str


@post("/registers", status_code=200)
async def take_register(
    request: Request[Any, Any, Any], sandbox: NamedDependency[Sandbox]
) -> Response[bytes]:
    """Take a register; the same file again is the same register."""
    treasury = state(sandbox)
    raw = await request.body()
    await pass_by(sandbox, "treasury.register.arrived")
    try:
        require_intact(raw, request.headers.get("content-digest"))
        file = read_file(raw)
        require_head(sandbox, raw, file.header.payer_bin, request.headers)
        keep_register(treasury, file, raw)
    except Refused as e:
        treasury.refused += 1
        return report(sandbox.now(), claimed_id(raw), "RJCT", str(e), status_code=422)
    await pass_by(sandbox, "treasury.register.taken")
    if treasury.drop_registers > 0:
        treasury.drop_registers -= 1
        return Lost()
    return report(sandbox.now(), file.header.message_id, "ACTC", None)


@post("/control/drop-registers", status_code=200)
async def drop_registers(
    data: JSONBody[Count], sandbox: NamedDependency[Sandbox]
) -> dict[str, int]:
    """Take the next `count` registers and lose the answers."""
    state(sandbox).drop_registers = data.count
    return {"drop": data.count}


HANDLERS = [take_register, drop_registers]


def read_file(raw: bytes) -> File:
    """Read a register with its own header as judge: count, sum, hash, order of rows. Raises Refused."""
    try:
        file = msgspec.json.decode(raw, type=File)
    except (msgspec.DecodeError, ValueError):
        raise Refused("MALFORMED") from None
    if msgspec.json.encode(file, order="sorted") != raw:
        raise Refused("NOT_CANONICAL")
    header, rows = file.header, file.rows
    if file.format != FORMAT or not _HEX.fullmatch(header.message_id):
        raise Refused("FORMAT")
    if not rows or header.count != len(rows) or len(file.orders) != len(rows):
        raise Refused("NB_OF_ROWS")
    if header.sum_tiyn != sum(row.sum_tiyn for row in rows):
        raise Refused("CTRL_SUM")
    table = msgspec.json.encode({"orders": file.orders, "rows": rows}, order="sorted")
    if header.rows_sha256 != hashlib.sha256(table).hexdigest():
        raise Refused("ROWS_HASH")
    if [row.no for row in rows] != list(range(1, len(rows) + 1)):
        raise Refused("ROWS_ORDER")
    if len(set(file.orders)) != len(rows) or not all(_HEX.fullmatch(o) for o in file.orders):
        raise Refused("ORDERS")
    for row in rows:
        if row.sum_tiyn <= 0:
            raise Refused("AMOUNT")
        require_iban(row.sender_account)
        require_iban(row.recipient_account)
    return file


def require_head(sandbox: Sandbox, raw: bytes, payer: str, headers: Any) -> None:
    """The payer's head signed a document that names the hash of exactly these bytes."""
    try:
        document = base64.b64decode(headers.get("x-document") or "", validate=True)
    except ValueError:
        raise Refused("SIGNATURE") from None
    require_signed(sandbox, document, headers.get("x-signature"), payer, roles={"head"})
    try:
        signed = msgspec.json.decode(document, type=HeadSigned)
    except (msgspec.DecodeError, ValueError):
        raise Refused("SIGNATURE") from None
    if signed.operation != "register.sign":
        raise Refused("SIGNATURE")
    if signed.content_sha256 != hashlib.sha256(raw).hexdigest():
        raise Refused("HASH")


def keep_register(treasury: Treasury, file: File, raw: bytes) -> None:
    """Remember the rows, or meet the register again. Raises Refused for another file of a known id."""
    digest = hashlib.sha256(raw).hexdigest()
    known = treasury.registers.get(file.header.message_id)
    if known is not None:
        if known != digest:
            raise Refused("DUPL")
        return
    if treasury.rows.keys() & set(file.orders):
        raise Refused("DUPL")
    treasury.registers[file.header.message_id] = digest
    treasury.account = file.rows[0].sender_account
    for row, order in zip(file.rows, file.orders, strict=True):
        amount = f"{row.sum_tiyn // 100}.{row.sum_tiyn % 100:02}"
        treasury.rows[order] = Row(
            file.header.payer_bin, row.recipient_bin, row.recipient_account, amount
        )


def claimed_id(raw: bytes) -> str:
    """The id a refused file claims, if it can be read at all."""
    found = re.search(rb'"message_id":"([0-9a-f]{32})"', raw)
    return found[1].decode() if found else "UNKNOWN"
