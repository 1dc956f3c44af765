"""One connection of a caller: how long he may take, and the two hot requests answered as they arrive.

He has half a minute for the head of a request and five minutes for its body. uvicorn ends a connection that is
silent between two requests, never one that dribbles a head letter by letter: some thousands of those would take every
socket (slowloris). The proxy before us bounds them too; here it needs none.

A plain request of `fast.OPERATIONS` is answered without becoming an ASGI call, which costs as much as its rules do
(docs/bench.md). Whatever it turns out not to be, uvicorn and the framework get it as it came.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from backend.app.fast import FAST, Answer, FastPath, FastPaths, Headers, Pairs

HEAD_S = 30.0
BODY_S = 300.0  # of all of it: 16 MB over half a megabit


class Connection(HttpToolsProtocol):
    """Ends a connection whose request does not come to its end in time; answers the hot requests."""

    head_s, body_s = HEAD_S, BODY_S
    _allowed: float | None = None  # seconds for what is being received
    _moved = False  # has that begun anew?
    _due: asyncio.TimerHandle | None = None
    _fast: FastPaths | None = None
    _receiving: "Direct | None" = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected: the first head is waited for."""
        super().connection_made(transport)
        self._fast = self.app_state.get(FAST)
        self._allow(self.head_s)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """He left."""
        self._allow(None)
        self._wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes, often a whole request: then there is nothing to wait for."""
        super().data_received(data)
        if self._moved:
            self._wait()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._allow(self.head_s)

    def on_headers_complete(self) -> None:
        """Its head is whole: it is one of the hot ones, or uvicorn's."""
        self._allow(self.body_s)
        self._receiving = self._hot()
        if self._receiving is not None:
            self.cycle = self._receiving  # type: ignore[assignment]
            return
        url, headers, expect = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expect
        self.headers.extend(headers)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """And its body."""
        self._allow(None)
        direct, self._receiving = self._receiving, None
        if direct is None:
            super().on_message_complete()
            return
        task = self.loop.create_task(self._serve(direct))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _hot(self) -> "Direct | None":
        if self._fast is None or (self.cycle is not None and not self.cycle.response_complete):
            return None  # one after another: uvicorn keeps the queue
        path = self._fast.at(self.parser.get_method(), self.url)
        if path is None or not self.parser.should_keep_alive():
            return None
        headers = path.plain(self.headers)
        return None if headers is None else Direct(path, headers, self.url, self.headers)

    async def _serve(self, direct: "Direct") -> None:
        assert self._fast is not None
        answer = await self._fast.answer(
            direct.path, direct.headers, bytes(direct.body), lambda: self._scope(direct)
        )
        if answer is None:
            await self._hand_over(direct)
            return
        if self.flow.write_paused:
            await self.flow.drain()
        if direct.disconnected:
            return
        self.transport.write(self._written(answer, keep_alive=direct.keep_alive))
        direct.response_complete = True
        if not direct.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _written(self, answer: Answer, *, keep_alive: bool) -> bytes:
        status, headers, body = answer
        parts = [STATUS_LINE[status]]
        for name, value in self.server_state.default_headers:
            parts += (name, b": ", value, b"\r\n")
        for name, value in headers:
            parts += (name, b": ", value, b"\r\n")
        parts += (b"\r\n" if keep_alive else b"connection: close\r\n\r\n", body)
        return b"".join(parts)

    async def _hand_over(self, direct: "Direct") -> None:
        """Let the framework answer, as if it had been asked at once."""
        cycle = RequestResponseCycle(
            scope=self._scope(direct),
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=direct.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.body, cycle.more_body, cycle.disconnected = direct.body, False, direct.disconnected
        cycle.message_event.set()
        direct.response_complete = True
        newest: object = self.cycle
        if newest is direct:
            self.cycle = cycle
        await cycle.run_asgi(self.app)

    def _scope(self, direct: "Direct") -> Any:
        """The request as ASGI has it."""
        return {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": self.root_path,
            "method": direct.path.method,
            "path": direct.path.path,
            "raw_path": direct.url,
            "query_string": b"",
            "headers": direct.pairs,
            "state": self.app_state.copy(),
        }

    def _allow(self, seconds: float | None) -> None:
        self._allowed, self._moved = seconds, True

    def _wait(self) -> None:
        self._moved = False
        if self._due is not None:
            self._due.cancel()
        allowed = self._allowed
        self._due = None if allowed is None else self.loop.call_later(allowed, self._late)

    def _late(self) -> None:
        transport: Any = self.transport
        if not transport.is_closing():
            transport.close()


class _Nobody:
    """Who waits for the body of a hot request: nobody, it is answered when it is whole."""

    def set(self) -> None:
        """As an asyncio.Event."""


class Direct:
    """A hot request under way; to uvicorn it looks like its own RequestResponseCycle."""

    __slots__ = (
        "body", "disconnected", "headers", "keep_alive", "pairs", "path", "response_complete", "url",
    )  # fmt: skip
    message_event = _Nobody()

    def __init__(self, path: FastPath, headers: Headers, url: bytes, pairs: Pairs) -> None:
        self.path, self.headers, self.url, self.pairs = path, headers, url, pairs
        self.body = bytearray()
        self.keep_alive = True
        self.disconnected = self.response_complete = False
