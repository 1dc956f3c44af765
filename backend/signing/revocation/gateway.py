"""HTTP to the certification centre's services: bounded in size, and by the caller in time."""

import httpx


class NoAnswer(Exception):
    """The source gave no answer that could be read: `reason` is TIMEOUT, UNREACHABLE, HTTP_503, …"""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


async def post(http: httpx.AsyncClient, url: str, body: bytes, kind: str, limit: int) -> bytes:
    """What the service answers to `body` of the media type `kind`. Raises NoAnswer."""
    return await _exchange(http, "POST", url, limit, body, {"content-type": kind})


async def get(http: httpx.AsyncClient, url: str, limit: int) -> bytes:
    """The octets at `url`, `limit` at most. Raises NoAnswer."""
    return await _exchange(http, "GET", url, limit, None, {})


async def _exchange(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    limit: int,
    body: bytes | None,
    headers: dict[str, str],
) -> bytes:
    try:
        async with http.stream(method, url, content=body, headers=headers) as answer:
            if answer.status_code != 200:
                raise NoAnswer(f"HTTP_{answer.status_code}")
            parts: list[bytes] = []
            size = 0
            async for part in answer.aiter_bytes():
                size += len(part)
                if size > limit:
                    raise NoAnswer("TOO_LARGE")
                parts.append(part)
    except httpx.TimeoutException:
        raise NoAnswer("TIMEOUT") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
        raise NoAnswer("UNREACHABLE") from None
    if not size:
        raise NoAnswer("EMPTY")
    return b"".join(parts)
