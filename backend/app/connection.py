"""One connection of a caller: he has a minute for the head of a request, and as long again for its body as it is large.

uvicorn ends a connection that is silent between two requests, never one that dribbles a head letter by letter: some
thousands of those would take every socket (slowloris). The proxy before us bounds them too; here it needs none.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 30.0
BODY_S = 300.0  # of all of it: 16 MB over half a megabit
HELD_MAX = 64 * 1024  # bytes written in one turn of the loop before they leave all the same


class Joined:
    """A transport on which what is written in one turn of the loop leaves in one piece.

    uvicorn writes a head and its body apart, and each write is a call of the system and wakes the reader.
    """

    __slots__ = ("_held", "_loop", "_size", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        """Everything else is the transport's own."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep `data` until the turn is over, or much has gathered."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > HELD_MAX:
            self._flush()

    def close(self) -> None:
        """Close once everything has left."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            data = b"".join(self._held)
            self._held.clear()
            self._size = 0
            if not self._transport.is_closing():  # else the reader left in this very turn
                self._transport.write(data)


class Connection(HttpToolsProtocol):
    """Ends a connection whose request does not come to its end in time."""

    head_s, body_s = HEAD_S, BODY_S
    _until: float | None = None  # by then what is waited for must have come
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected: the first head is waited for."""
        joined: Any = Joined(transport, self.loop)
        super().connection_made(joined)
        self._wait(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """He left."""
        if self._due is not None:
            self._due.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._wait(self.head_s)

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self._wait(self.body_s)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """And its body."""
        self._wait(None)
        super().on_message_complete()

    def _wait(self, seconds: float | None) -> None:
        self._until = None if seconds is None else self.loop.time() + seconds
        if seconds is not None and self._due is None:
            self._due = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        """One timer for the whole connection: it looks again while there is time left."""
        self._due = None
        if self._until is None:
            return
        left = self._until - self.loop.time()
        transport: Any = self.transport
        if left > 0:
            self._due = self.loop.call_later(min(left, self.head_s), self._look)
        elif not transport.is_closing():
            transport.close()
