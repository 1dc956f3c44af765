"""The hot requests over real connections: answered without ASGI, and nobody can tell."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from backend.app.asgi import Application
from backend.app.connection import Connection
from backend.app.fast import FAST
from backend.kernel.actor import Role
from backend.kernel.resources import Resources
from tests.app.test_fast import STATUS, VISITS, code
from tests.conftest import open_session
from tests.serving import Server, serving
from tests.visits.conftest import AIGUL, BOLAT, citizens, clinics

assert clinics
assert citizens
assert code
pytestmark = pytest.mark.usefixtures("clinics", "citizens")

Talk = Callable[..., Awaitable[list[tuple[int, dict[str, str], bytes]]]]
POLICY = "/api/v1/citizen/policy"


class Seen:
    """The application, and what came to it by ASGI."""

    def __init__(self, app: Application) -> None:
        self.app, self.paths, self.hold = app, list[str](), asyncio.Event()
        self.hold.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            scope["state"][FAST] = self.app.fast
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        self.paths.append(scope["path"])
        await self.hold.wait()
        await self.app(scope, receive, send)


@pytest.fixture
def seen(app: Application) -> Seen:
    return Seen(app)


@pytest.fixture
async def server(seen: Seen) -> AsyncIterator[Server]:
    async with serving(seen, http=Connection, lifespan="on") as running:
        yield running


@pytest.fixture
async def token(resources: Resources) -> str:
    return await open_session(resources, Role.INSURED, person_id=AIGUL)


def request(
    token: str, method: str = "GET", path: str = STATUS, body: bytes = b"", *more: str
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: a", f"Authorization: Bearer {token}", *more]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def talk(server: Server) -> Talk:
    """Say pieces on one connection; so many answers of it."""

    async def say(*pieces: bytes, answers: int = 1) -> list[tuple[int, dict[str, str], bytes]]:
        port = server.port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            for _ in range(5):  # rounds of the loop: it is read before the next one comes
                await asyncio.sleep(0)
        found = []
        async with asyncio.timeout(10):
            for _ in range(answers):
                found.append(await read(reader))
        writer.close()
        return found

    return say


async def read(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers["content-length"]))
    return int(head[0].split()[1]), headers, body


async def test_it_is_answered_as_the_framework_answers(talk: Talk, seen: Seen, token: str) -> None:
    [(status, headers, body)] = await talk(request(token))
    assert seen.paths == []
    [(slow_status, slow_headers, slow_body)] = await talk(
        request(token, "GET", STATUS, b"", "X: y")
    )
    assert seen.paths == [STATUS]
    assert (status, body) == (slow_status, slow_body)
    assert headers.keys() == slow_headers.keys()
    varying = {"x-request-id", "date"}
    assert {k: v for k, v in headers.items() if k not in varying} == {
        k: v for k, v in slow_headers.items() if k not in varying
    }


async def test_a_command_in_pieces_is_carried_out_once(
    talk: Talk, seen: Seen, token: str, code: str
) -> None:
    whole = request(token, "POST", VISITS, f'{{"code":"{code}"}}'.encode())
    [(status, _, made)] = await talk(whole[:30], whole[30:-20], whole[-20:])
    [(again, _, refused)] = await talk(whole)
    assert (status, again) == (201, 409), (made, refused)
    assert seen.paths == []
    assert b"DUPLICATE_VISIT" in refused


async def test_what_it_may_not_answer_the_framework_does(
    talk: Talk, seen: Seen, resources: Resources, token: str
) -> None:
    clinic = await open_session(resources, Role.MIS, bin="100140000001")
    wrong = [
        (request("nobody"), 401),
        (request(clinic), 403),
        (request(token, "POST", VISITS, b"{"), 400),
        (request(token, "POST", VISITS, b'{"code":1}'), 422),
        (request(token, "POST", VISITS, b'{"code":"' + b"x" * 5_000 + b'"}'), 422),
        (request(token, "GET", f"{STATUS}?a=1"), 422),
        (request(token, "DELETE", STATUS), 405),
    ]
    for said, expected in wrong:
        [(status, headers, _)] = await talk(said)
        assert status == expected, said
        assert headers["content-type"] == "application/problem+json"
    assert len(seen.paths) == len(wrong)


async def test_many_on_one_connection_are_answered_in_order(
    talk: Talk, seen: Seen, resources: Resources, token: str
) -> None:
    other = await open_session(resources, Role.INSURED, person_id=BOLAT)
    mixed = [request(token), request(other, "GET", POLICY), request("nobody"), request(token)] * 3
    answers = await talk(b"".join(mixed), answers=len(mixed))
    assert [status for status, _, _ in answers] == [200, 404, 401, 200] * 3
    # the first is answered past ASGI, what came behind it waits in uvicorn's queue
    assert len(seen.paths) == len(mixed) - 1


async def test_who_asks_to_close_is_closed(talk: Talk, token: str) -> None:
    [(status, headers, _)] = await talk(request(token, "GET", STATUS, b"", "Connection: close"))
    assert (status, headers["connection"]) == (200, "close")


async def test_who_left_harms_nobody(server: Server, talk: Talk, token: str, code: str) -> None:
    port = server.port
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request(token))
        await writer.drain()
        writer.transport.abort()
    [(status, _, _)] = await talk(request(token, "POST", VISITS, f'{{"code":"{code}"}}'.encode()))
    assert status == 201
    async with asyncio.timeout(10):
        await asyncio.gather(*server.server_state.tasks)


async def test_what_is_under_way_at_the_end_is_answered_and_the_connection_closed(
    server: Server, seen: Seen, token: str
) -> None:
    port = server.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request(token))
    while not server.server_state.tasks:  # until it has begun
        await asyncio.sleep(0)
    for connection in server.server_state.connections:
        connection.shutdown()
    status, headers, _ = await read(reader)
    assert (status, headers["connection"]) == (200, "close")
    assert await reader.read() == b""
    writer.close()
