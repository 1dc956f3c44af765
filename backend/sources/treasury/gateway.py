"""HTTP to the Treasury's integrated information system.

    POST {treasury_url}/orders              the pain.001 message; `X-Signature`: base64 detached CMS over
                                            exactly these bytes; `Content-Digest` (RFC 9530)
    GET  {treasury_url}/orders/{message_id} the status of an order
    -> 200 pain.002; 404 an order never seen; 422 pain.002 RJCT, the message itself is refused
    POST {treasury_url}/registers           an acts register; `X-Document`: what the issuer's head signed, which
                                            names the file's SHA-256; `X-Signature`: the CMS over that
    -> 200 pain.002 about the register's id; 422 RJCT. An order of no register taken before is refused
    GET  {treasury_url}/statements/{N}      the N-th statement or notification of the account, from 1
    -> 200 camt.053 or camt.054; 204 there is none yet

The Treasury keeps message ids: the same bytes again are the same order. Never inside a transaction.
"""

import base64
import hashlib

import httpx

from backend.kernel.config import Config
from backend.sources.treasury.errors import AnswerUnreadable, TreasurySilent
from backend.sources.treasury.model import SignedFile, TreasuryAnswer
from backend.sources.treasury.rules import read_answer

_ANSWERED = (200, 422)
_UNKNOWN = 404
_NOTHING_YET = 204


async def post_order(
    http: httpx.AsyncClient, config: Config, message_id: str, message: bytes, signature: bytes
) -> TreasuryAnswer:
    """Hand over a signed order. Raises TreasurySilent when the answer is lost."""
    headers = {**_intact(message, "application/xml"), "x-signature": _base64(signature)}
    response = await _call(http, config, "POST", "/orders", content=message, headers=headers)
    return _read(response, message_id)


async def post_register(
    http: httpx.AsyncClient, config: Config, file: SignedFile
) -> TreasuryAnswer:
    """Hand over a register. Raises TreasurySilent when the answer is lost."""
    headers = {
        **_intact(file.content, "application/json"),
        "x-document": _base64(file.document),
        "x-signature": _base64(file.signature),
    }
    response = await _call(
        http, config, "POST", "/registers", content=file.content, headers=headers
    )
    return _read(response, file.message_id)


async def get_statement(http: httpx.AsyncClient, config: Config, number: int) -> bytes | None:
    """The bytes of a statement; None while there is none. Raises TreasurySilent."""
    response = await _call(http, config, "GET", f"/statements/{number}")
    if response.status_code == _NOTHING_YET:
        return None
    if response.status_code != _ANSWERED[0]:
        raise TreasurySilent(source="treasury")
    return response.content


async def get_order(
    http: httpx.AsyncClient, config: Config, message_id: str
) -> TreasuryAnswer | None:
    """The status of an order; None when the Treasury never saw it. Raises TreasurySilent."""
    response = await _call(http, config, "GET", f"/orders/{message_id}")
    return None if response.status_code == _UNKNOWN else _read(response, message_id)


async def _call(
    http: httpx.AsyncClient,
    config: Config,
    method: str,
    path: str,
    *,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    if not config.treasury_url:
        raise TreasurySilent(source="treasury")
    try:
        return await http.request(
            method,
            config.treasury_url.rstrip("/") + path,
            content=content,
            headers=headers,
            timeout=config.source_timeout_s,
            follow_redirects=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL):
        raise TreasurySilent(source="treasury") from None


def _intact(content: bytes, kind: str) -> dict[str, str]:
    digest = _base64(hashlib.sha256(content).digest())
    return {"content-type": kind, "content-digest": f"sha-256=:{digest}:"}


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _read(response: httpx.Response, message_id: str) -> TreasuryAnswer:
    if response.status_code not in _ANSWERED:
        raise TreasurySilent(source="treasury")
    try:
        return read_answer(response.content, message_id)
    except AnswerUnreadable:
        raise TreasurySilent(source="treasury") from None
