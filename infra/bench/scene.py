"""What benchmarks share: a migrated database of this run, a seeded one, a real `saqtau serve`."""

import os
import random
import secrets
import socket
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec

from backend.app.demo.processes import CouldNotStart, Processes
from infra import migrate, servers
from infra.bench.country import Country, seed
from infra.bench.model import BenchFailed

PREFIX = "bench"
PORTS = range(20_000, 32_000)  # away from the demo's, and below those of outgoing connections


class Service(msgspec.Struct, frozen=True):
    """A running `saqtau serve` over the seeded country."""

    port: int
    pid: int
    database_url: str
    country: Country


class Scene:
    """Servers, databases and a service, made when first asked for; `close` takes everything back."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._endpoints: servers.Endpoints | None = None
        self._databases: dict[str, str] = {}
        self._service: Service | None = None

    def endpoints(self) -> servers.Endpoints:
        """Running PostgreSQL and Valkey. Raises ServersUnavailable."""
        if self._endpoints is None:
            self._endpoints = self._stack.enter_context(servers.running())
        return self._endpoints

    async def database_url(self, purpose: str) -> str:
        """The URL of this run's own migrated database for `purpose`."""
        if purpose not in self._databases:
            url = self.endpoints().database_url
            name = f"{PREFIX}_{os.getpid()}_{purpose}"
            await drop_stale(url)
            await _execute(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await _execute(url, f'CREATE DATABASE "{name}"')
            self._stack.push_async_callback(
                _execute, url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
            )
            made = with_database(url, name)
            await migrate.migrate(made)
            self._databases[purpose] = made
        return self._databases[purpose]

    async def service(self) -> Service:
        """The service over the seeded country. Raises BenchFailed when it does not start."""
        if self._service is None:
            database_url = await self.database_url("country")
            country = await seed(database_url)
            folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="saqtau-")))
            processes = Processes(folder)
            self._stack.callback(processes.stop)
            port = free_port()
            environment = {
                "SAQTAU_MODE": "test",
                "SAQTAU_TRUST": "test",
                "SAQTAU_DATABASE_URL": database_url,
                "SAQTAU_VALKEY_URL": self.endpoints().valkey_url,
                "SAQTAU_SECRET": secrets.token_urlsafe(32),
            }
            processes.start("serve", ["serve", "--port", str(port)], environment)
            try:
                await processes.wait_for("serve", f"http://127.0.0.1:{port}/health/live")
                processes.require_alive()
            except CouldNotStart:
                last = (folder / "serve.log").read_text(errors="replace").strip().splitlines()[-3:]
                raise BenchFailed(f"the service did not start: {' '.join(last)}") from None
            self._service = Service(port, processes.pid("serve"), database_url, country)
        return self._service

    async def close(self) -> None:
        """Take back everything, the last made first."""
        await self._stack.aclose()


def free_port() -> int:
    """A port nobody listens on. Raises BenchFailed."""
    for port in random.sample(PORTS, 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise BenchFailed(f"no free port between {PORTS.start} and {PORTS.stop}")


def with_database(url: str, name: str) -> str:
    """`url`, pointing at the database `name`."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def drop_stale(url: str) -> None:
    """Drop the databases of runs whose process is gone."""
    admin = await asyncpg.connect(url)
    try:
        for row in await admin.fetch("SELECT datname FROM pg_database"):
            if is_stale(row["datname"]):
                await admin.execute(f'DROP DATABASE IF EXISTS "{row["datname"]}" WITH (FORCE)')
    finally:
        await admin.close()


def is_stale(name: str) -> bool:
    """A run's database whose process is gone."""
    kind, _, rest = name.partition("_")
    pid = rest.partition("_")[0]
    if kind != PREFIX or not pid.isdigit() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
