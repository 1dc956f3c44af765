"""An application of a test's own on a loopback port, over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

import uvicorn


class Server(uvicorn.Server):
    """A server inside a test: signals are the test runner's."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.servers[0].sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(app: Any, **how: Any) -> AsyncIterator[Server]:
    """The application, served; `how` as uvicorn's Config has it, on any free port unless told."""
    quietly = {
        "host": "127.0.0.1", "port": 0, "log_config": None, "access_log": False, "ws": "none",
        "lifespan": "off", "timeout_graceful_shutdown": 1,
    }  # fmt: skip
    server = Server(uvicorn.Config(app, **(quietly | how)))
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            assert not running.done(), "it did not start"
            await asyncio.sleep(0.01)
        yield server
    finally:
        server.should_exit = True
        await running
