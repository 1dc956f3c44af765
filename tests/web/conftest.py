"""The real application with a few routes of the tests' own, that do, count, fail and hang."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import msgspec
import pytest
import redis.exceptions
from litestar import Litestar, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.app.asgi import create_app
from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db, Query
from backend.kernel.errors import Conflict, TooMany
from backend.kernel.resources import Resources
from backend.web.guards import public, requires


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount_tiyn: int = 0
    text: str = ""
    inner: list["Body"] | None = None


class Effects:
    """What the routes below did."""

    def __init__(self) -> None:
        self.done = 0
        self.gate: asyncio.Event | None = None
        self.status = 201


FAILURES: dict[str, Callable[[], Exception]] = {
    "defect": lambda: RuntimeError("secret 870101300123"),
    "assertion": lambda: AssertionError("secret"),
    "lookup": lambda: LookupError("secret"),
    "deadlock": lambda: asyncpg.DeadlockDetectedError("secret"),
    "timeout": lambda: asyncpg.QueryCanceledError("secret"),
    "full": lambda: asyncpg.TooManyConnectionsError("secret"),
    "gone": lambda: ConnectionRefusedError("secret"),
    "no_socket": lambda: FileNotFoundError("secret"),
    "slow": lambda: TimeoutError("secret"),
    "valkey": lambda: redis.exceptions.ConnectionError("secret"),
    "conflict": lambda: Conflict(retry_after_s=3),
    "busy": lambda: TooMany(),
}


def routes(effects: Effects) -> list[Any]:
    """Routes under /test that share `effects`."""
    anybody = [requires(frozenset(Role))]

    @post("/test/do", guards=anybody)
    async def do(data: JSONBody[Body], actor: NamedDependency[Actor]) -> Response[Any]:
        if effects.gate is not None:
            await effects.gate.wait()
        effects.done += 1
        content = {"n": effects.done, "who": actor.bin, "text": data.text}
        return Response(content, status_code=effects.status, headers={"x-made-by": "do"})

    @post("/test/pay", guards=[requires(Role.TREASURY)])
    async def pay(data: JSONBody[Body]) -> None:
        effects.done += 1

    @post("/test/token", guards=[public])
    async def token() -> Response[Any]:
        effects.done += 1
        return Response({"token": f"t{effects.done}"}, headers={"cache-control": "no-store"})

    @post("/test/fail", guards=[public])
    async def fail(kind: FromQuery[str]) -> None:
        effects.done += 1
        raise FAILURES[kind]()

    @get("/test/fail", guards=[public])
    async def fail_to_read(kind: FromQuery[str]) -> None:
        raise FAILURES[kind]()

    @post("/test/keep", guards=[public])
    async def keep(data: JSONBody[Body], resources: NamedDependency[Resources]) -> int:
        where: Db = resources.db.signing
        await Query[int]("SELECT $1::int8").get(where, data.amount_tiyn)
        return await Query[int]("SELECT length($1::text)").get(where, data.text)

    return [do, pay, token, fail, fail_to_read, keep]


@pytest.fixture
def effects() -> Effects:
    return Effects()


@pytest.fixture
def app(resources: Resources, effects: Effects) -> Litestar:
    return app_with(resources, effects)


def app_with(resources: Resources, effects: Effects) -> Litestar:
    """A new instance, as after a restart."""
    made = create_app(resources.config, resources)
    for route in routes(effects):
        made.register(route)
    return made


@pytest.fixture
def another_app(resources: Resources, effects: Effects) -> Litestar:
    return app_with(resources, effects)
