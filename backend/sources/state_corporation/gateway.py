"""HTTP to the State Corporation.

    GET {state_corporation_url}/files         {"document", "signature"}: the list of files, and a detached
                                              CMS over it by the State Corporation's information system
    GET {state_corporation_url}/files/{name}  with Range (RFC 9110 14.2) -> 206, so many bytes of the file

Never inside a transaction. Whatever goes wrong is SourceUnavailable: what is held stays, and is gone on
with the next time.
"""

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources.exchange import SourceUnavailable
from backend.sources.state_corporation.model import SignedList

LIST_MAX = 8_000_000  # bytes
SOURCE = "state_corporation"


async def get_list(http: httpx.AsyncClient, config: Config) -> SignedList:
    """The signed list, not yet believed. Raises SourceUnavailable."""
    content = await _get(http, config, "/files", {}, 200, LIST_MAX)
    try:
        return msgspec.json.decode(content, type=SignedList)
    except msgspec.DecodeError:
        raise SourceUnavailable(source=SOURCE) from None


async def get_piece(
    http: httpx.AsyncClient, config: Config, name: str, start: int, size: int
) -> bytes:
    """Bytes `start` to `start + size` of a file, all of them. Raises SourceUnavailable."""
    wanted = {"range": f"bytes={start}-{start + size - 1}"}
    piece = await _get(http, config, f"/files/{name}", wanted, 206, size)
    if len(piece) != size:
        raise SourceUnavailable(source=SOURCE)
    return piece


async def _get(
    http: httpx.AsyncClient,
    config: Config,
    path: str,
    headers: dict[str, str],
    status: int,
    longest: int,
) -> bytes:
    if not config.state_corporation_url:
        raise SourceUnavailable(source=SOURCE)
    url = config.state_corporation_url.rstrip("/") + path
    parts: list[bytes] = []
    size = 0
    try:
        async with http.stream(
            "GET",
            url,
            headers={"accept-encoding": "identity", **headers},
            timeout=config.source_timeout_s,
            follow_redirects=False,
        ) as response:
            if response.status_code != status:
                raise SourceUnavailable(source=SOURCE)
            async for part in response.aiter_raw():
                size += len(part)
                if size > longest:
                    raise SourceUnavailable(source=SOURCE)
                parts.append(part)
    except (httpx.HTTPError, httpx.InvalidURL):
        raise SourceUnavailable(source=SOURCE) from None
    return b"".join(parts)
