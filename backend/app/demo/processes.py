"""The demo's processes: servers, stand-ins, service, worker and bot, as children that die with it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

from backend.app import lifeline

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 15
_PORTS = range(8080, 9080)  # below 32768, where no outgoing connection takes them


class CouldNotStart(RuntimeError):
    """A part of the demo did not come up; the text names it and its log file."""


class Processes:
    """Children with a log file each. `stop` ends them politely, then firmly."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._read_end, self._write_end = os.pipe()

    def start(self, name: str, arguments: list[str], environment: Mapping[str, str]) -> None:
        """Start `saqtau <arguments>` under `name`; its output goes to `<logs>/<name>.log`."""
        with (self.logs / f"{name}.log").open("ab") as log:
            child = subprocess.Popen(  # noqa: S603  (our own program, our own arguments)
                [sys.executable, "-m", "backend.app.cli", *arguments],
                env={**os.environ, **environment, lifeline.VARIABLE: str(self._read_end)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self._read_end],
                start_new_session=True,
            )
        self._running.append((name, child))

    async def wait_for(self, name: str, url: str) -> None:
        """Wait until `url` answers 200. Raises CouldNotStart."""
        child = next(c for n, c in self._running if n == name)
        until = time.monotonic() + START_TIMEOUT_S
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
            while time.monotonic() < until and child.poll() is None:
                try:
                    if (await http.get(url)).status_code == 200:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise CouldNotStart(f"{name} did not start; see {self.logs / name}.log")

    def require_alive(self) -> None:
        """Raises CouldNotStart when a child ended by itself."""
        for name, child in self._running:
            if child.poll() is not None:
                raise CouldNotStart(
                    f"{name} ended ({child.returncode}); see {self.logs / name}.log"
                )

    def pid(self, name: str) -> int:
        """The process id of a child."""
        return next(c.pid for n, c in self._running if n == name)

    def stop(self) -> None:
        """End every child, the last started first."""
        for _, child in reversed(self._running):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        until = time.monotonic() + STOP_TIMEOUT_S
        for _, child in reversed(self._running):
            try:
                child.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._running.clear()
        for fd in (self._read_end, self._write_end):
            os.close(fd)


def free_port(taken: set[int], first: int = _PORTS.start) -> int:
    """A port nobody listens on, from `first`, not in `taken`. Raises CouldNotStart without one."""
    for port in _PORTS:
        if port in taken or port < first:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        taken.add(port)
        return port
    raise CouldNotStart(f"no free port between {_PORTS.start} and {_PORTS.stop}")
