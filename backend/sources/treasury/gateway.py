"""HTTP to the Treasury's integrated information system.

    POST {treasury_url}/orders              the pain.001 message; `X-Signature`: base64 detached CMS over
                                            exactly these bytes; `Content-Digest` (RFC 9530)
    GET  {treasury_url}/orders/{message_id} the status of an order
    -> 200 pain.002; 404 an order never seen; 422 pain.002 RJCT, the message itself is refused

The Treasury keeps message ids: the same bytes again are the same order. Never inside a transaction.
"""

import base64
import hashlib

import httpx

from backend.kernel.config import Config
from backend.sources.treasury.errors import TreasurySilent
from backend.sources.treasury.model import TreasuryAnswer
from backend.sources.treasury.rules import AnswerUnreadable, read_answer

_ANSWERED = (200, 422)
_UNKNOWN = 404


async def post_order(
    http: httpx.AsyncClient, config: Config, message_id: str, message: bytes, signature: bytes
) -> TreasuryAnswer:
    """Hand over a signed order. Raises TreasurySilent when the answer is lost."""
    digest = base64.b64encode(hashlib.sha256(message).digest()).decode()
    response = await _call(
        http,
        config,
        "POST",
        "/orders",
        content=message,
        headers={
            "content-type": "application/xml",
            "content-digest": f"sha-256=:{digest}:",
            "x-signature": base64.b64encode(signature).decode(),
        },
    )
    return _read(response, message_id)


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


def _read(response: httpx.Response, message_id: str) -> TreasuryAnswer:
    if response.status_code not in _ANSWERED:
        raise TreasurySilent(source="treasury")
    try:
        return read_answer(response.content, message_id)
    except AnswerUnreadable:
        raise TreasurySilent(source="treasury") from None
