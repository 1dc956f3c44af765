"""A running `saqtau serve` at the edges of HTTP: whatever a socket sends, it answers in its own words and lives on."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from backend.app.asgi import create_app
from backend.kernel.config import Config, Mode

WAIT_S = 20.0
HOST = b"Host: saqtau.test\r\n"
LIVE = b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n"
PROBLEM = "application/problem+json"
Raw = Callable[..., Awaitable[bytes]]


@pytest.fixture
async def url(serve: Any) -> str:
    """A running service."""
    return str(await serve("edges"))


async def raw(url: str, *parts: bytes, leave: bool = False) -> bytes:
    """All that comes back for these bytes, sent one after another, until the service closes or is silent."""
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if leave:
            return b""
        found = b""
        while True:
            try:
                more = await asyncio.wait_for(reader.read(65_536), 1.0 if found else WAIT_S)
            except TimeoutError:
                return found
            if not more:
                return found
            found += more
    finally:
        writer.close()


def statuses(answer: bytes) -> list[int]:
    """The status of every answer on a connection."""
    lines = [line for line in answer.split(b"\r\n") if b"HTTP/1." in line]
    return [int(line.partition(b"HTTP/1.")[2].split(b" ")[1]) for line in lines]


async def test_odd_sockets(url: str) -> None:
    post = b"POST /api/v1/login/sessions HTTP/1.1\r\n" + HOST
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
    # requests one behind the other are answered in their order
    assert statuses(await raw(url, LIVE * 3)) == [200] * 3
    # HTTP/1.0 without a host, and a line that is no HTTP
    assert statuses(await raw(url, b"GET /health/live HTTP/1.0\r\n\r\n")) == [200]
    for line in (
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"\0" * 99,
    ):
        assert set(statuses(await raw(url, line + b"\r\n\r\n"))) <= {400, 404}, line
    # two lengths, a length and chunks, a length that is none: whoever stands before us may read another request
    for framing in (
        b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: 1e3\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"X-Folded: a\r\n\tb\x00c\r\n\r\n",
    ):
        answer = await raw(url, post + framing)
        assert statuses(answer) in ([400], [422], []), (framing, answer)
    # a header of a megabyte, an address of a megabyte
    long = b"x" * 1_000_000
    for request in (
        b"GET /health/live HTTP/1.1\r\n" + HOST + b"X-Long: " + long + b"\r\n\r\n",
        b"GET /api/v1/" + long + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    ):
        try:
            answer = await raw(url, request)
        except ConnectionError:
            continue
        assert set(statuses(answer)) <= {400, 404, 414, 431, 200}
    # a body without a length, beyond the limit: refused before it is whole
    piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    try:
        answer = await raw(url, chunked, *[piece] * 24)
    except ConnectionError:
        answer = b""
    assert statuses(answer) in ([413], [])
    # a caller who leaves in the middle of head, body and answer
    for parts in (
        [LIVE[:20]],
        [post + b"Content-Length: 100\r\n\r\n", b"{"],
        [chunked, b"5\r\n{"],
        [LIVE * 50],
    ):
        await raw(url, *parts, leave=True)
    assert statuses(await raw(url, LIVE)) == [200]


async def test_slow_heads_hold_nobody_up(url: str) -> None:
    """Two hundred connections that never end their head; another caller is answered meanwhile."""
    at = urlsplit(url)
    slow = await asyncio.gather(
        *(asyncio.open_connection(at.hostname, at.port) for _ in range(200))
    )
    for _, writer in slow:
        writer.write(LIVE[:-2] + b"X-Slow: ")
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=WAIT_S) as http:
        for _ in range(20):
            for _, writer in slow:
                writer.write(b"a")
            assert (await http.get("/health/live")).status_code == 200
    for _, writer in slow:
        writer.close()


SHARES = [pytest.param(9, id="sample"), pytest.param(1, id="all", marks=pytest.mark.prove)]


@pytest.mark.parametrize("every", SHARES)
async def test_odd_methods_and_addresses(url: str, every: int) -> None:
    """Of each address: other methods, a slash too many, an id with an encoded slash, a kilobyte of path."""
    paths = list(create_app(Config(mode=Mode.TEST)).openapi_schema.to_schema()["paths"])[::every]
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=WAIT_S) as http:

        async def ask(method: str, path: str) -> httpx.Response:
            answer = await http.request(method, path)
            where = f"{method} {path}: {answer.status_code}"
            assert answer.status_code < 500 or path.startswith("/health/"), where
            if answer.status_code >= 400 and method != "HEAD" and not path.startswith("/health/"):
                kind = answer.headers["content-type"]
                assert kind == PROBLEM or "egov-qr/phone" in path, where
                assert kind != PROBLEM or json.loads(answer.content)["code"], where
            return answer

        for path in paths:
            plain = path.replace("{", "01980000-0000-7000-8000-0000000000").partition("}")[0]
            for method in ("HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"):
                answer = await ask(method, path)
                assert method in ("HEAD", "OPTIONS") or answer.status_code in (404, 405), (
                    method,
                    path,
                )
            for odd in (
                f"{path}/", f"/{path}", path.replace("/", "//"), f"{path}/../..", f"{path}%2f",
                f"{plain}%2fx", f"{path};x=1", f"{path}%0d%0aX-Evil:1", f"{path}/{'a' * 1_024}",
                path.upper(),
            ):  # fmt: skip
                answer = await ask("GET", odd)
                assert "x-evil" not in answer.headers, odd
