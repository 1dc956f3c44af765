"""Who dribbles a request loses the connection; who is served does not, however long the answer takes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.app.connection import Connection
from tests.serving import serving

HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"


class Hasty(Connection):
    head_s, body_s = 0.15, 0.15


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers after longer than any request may take."""
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    await asyncio.sleep(0.4)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server of hasty connections."""
    async with serving(echo, http=Hasty) as server:
        yield server.port


async def told(port: int, first: bytes, dribble: bytes = b"") -> bytes:
    """All that comes back until the end of the connection, or a second."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(first)
    found = b""
    try:
        async with asyncio.timeout(1):
            while not reader.at_eof():
                if dribble and not writer.is_closing():
                    writer.write(dribble)
                try:
                    async with asyncio.timeout(0.05):
                        found += await reader.read(1_000)
                except TimeoutError:
                    continue
    except ConnectionError:
        return b"closed"
    except TimeoutError:
        return found or b"held"
    finally:
        writer.close()
    return found or b"closed"


@pytest.mark.parametrize(
    ("first", "dribble"),
    [
        (b"", b""),
        (b"GET / HT", b""),
        (HEAD + b"X: ", b"a"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n", b"x"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n", b""),
    ],
)
async def test_who_dribbles_is_let_go(port: int, first: bytes, dribble: bytes) -> None:
    assert await told(port, first, dribble) == b"closed"


async def test_a_long_answer_is_waited_for(port: int) -> None:
    whole = HEAD + b"\r\n"
    assert (await told(port, whole)).endswith(b"ok")
    assert (await told(port, whole * 2)).count(b"ok") == 2
