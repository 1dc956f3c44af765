"""One connection of a caller: he has a minute for the head of a request, and as long again for its body as it is large.

uvicorn ends a connection that is silent between two requests, never one that dribbles a head letter by letter: some
thousands of those would take every socket (slowloris). The proxy before us bounds them too; here it needs none.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 30.0
BODY_S = 300.0  # of all of it: 16 MB over half a megabit


class Connection(HttpToolsProtocol):
    """Ends a connection whose request does not come to its end in time."""

    head_s, body_s = HEAD_S, BODY_S
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connected: the first head is waited for."""
        super().connection_made(transport)
        self._wait(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """He left."""
        self._wait(None)
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
        if self._due is not None:
            self._due.cancel()
        self._due = None if seconds is None else self.loop.call_later(seconds, self._late)

    def _late(self) -> None:
        transport: Any = self.transport
        if not transport.is_closing():
            transport.close()
