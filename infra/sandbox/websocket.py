"""As much of RFC 6455 as a stand-in needs: a server of text messages on the loopback, ws or wss."""

import asyncio
import base64
import contextlib
import hashlib
import ssl
import struct
from collections.abc import Awaitable, Callable

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10
MESSAGE_MAX = 64 * 1024 * 1024


class Socket:
    """One open connection; `headers` are those of its handshake, names in small letters."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: dict[str, str]
    ) -> None:
        self.reader, self.writer, self.headers = reader, writer, headers

    async def send(self, text: str) -> None:
        """Send one text message."""
        await self._frame(_TEXT, text.encode())

    async def receive(self) -> str | None:
        """The next text message, its fragments joined; None when the other side closed."""
        whole = b""
        while True:
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                (size,) = struct.unpack(">H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", await self.reader.readexactly(8))
            if not second & 0x80 or len(whole) + size > MESSAGE_MAX:
                return None
            mask = await self.reader.readexactly(4)
            data = _masked(await self.reader.readexactly(size), mask)
            kind = first & 0x0F
            if kind == _CLOSE:
                await self._frame(_CLOSE, data[:2])
                return None
            if kind == _PING:
                await self._frame(_PONG, data)
                continue
            if kind == _PONG:
                continue
            whole += data
            if first & 0x80:
                return whole.decode()

    async def _frame(self, kind: int, data: bytes) -> None:
        head = bytes([0x80 | kind])
        if len(data) < 126:
            head += bytes([len(data)])
        elif len(data) < 1 << 16:
            head += b"\x7e" + struct.pack(">H", len(data))
        else:
            head += b"\x7f" + struct.pack(">Q", len(data))
        self.writer.write(head + data)
        await self.writer.drain()


def _masked(data: bytes, mask: bytes) -> bytes:
    if not data:
        return data
    key = int.from_bytes((mask * (len(data) // 4 + 1))[: len(data)], "big")
    return (int.from_bytes(data, "big") ^ key).to_bytes(len(data), "big")


async def serve(
    talk: Callable[[Socket], Awaitable[None]], port: int = 0, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Listen on 127.0.0.1; `talk` has each connection until it returns."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
                headers = await _handshake(reader, writer)
                if headers is not None:
                    await talk(Socket(reader, writer, headers))
        finally:
            writer.close()

    return await asyncio.start_server(connected, "127.0.0.1", port, ssl=tls)


async def _handshake(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> dict[str, str] | None:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    key = headers.get("sec-websocket-key")
    if key is None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        return None
    accept = base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest()).decode()
    writer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
    )
    await writer.drain()
    return headers
