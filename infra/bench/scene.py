"""What benchmarks share: a migrated database of this run, dropped at its end, and where it is."""

import os
from contextlib import AsyncExitStack
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from infra import migrate, servers

PREFIX = "bench"


class Scene:
    """Servers and a database, made when first asked for; `close` takes everything back."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._endpoints: servers.Endpoints | None = None
        self._database_url: str | None = None

    def endpoints(self) -> servers.Endpoints:
        """Running PostgreSQL and Valkey. Raises ServersUnavailable."""
        if self._endpoints is None:
            self._endpoints = self._stack.enter_context(servers.running())
        return self._endpoints

    async def database_url(self) -> str:
        """The URL of this run's own migrated database."""
        if self._database_url is None:
            url = self.endpoints().database_url
            name = f"{PREFIX}_{os.getpid()}"
            await drop_stale(url)
            await _execute(url, f'CREATE DATABASE "{name}"')
            self._stack.push_async_callback(
                _execute, url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
            )
            made = with_database(url, name)
            await migrate.migrate(made)
            self._database_url = made
        return self._database_url

    async def close(self) -> None:
        """Take back everything, the last made first."""
        await self._stack.aclose()


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
    """A run's database whose process is gone (or whose number is ours, from a run before)."""
    kind, _, pid = name.partition("_")
    if kind != PREFIX or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return True
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
