"""The real application with a few routes of the tests' own, that do, count, fail and hang."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import msgspec
import pytest
import redis.exceptions
from litestar import Litestar, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db, Query
from backend.kernel.errors import Conflict, TooMany
from backend.kernel.resources import Resources
from backend.web.guards import public, requires
from tests.conftest import application


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    amount_tiyn: int = 0
    text: str = ""
    inner: list["Body"] | None = None


class Effects:
    """What the routes below did, and are to do."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As at the beginning of a test."""
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
EFFECTS = Effects()  # one test's at a time
ANYBODY = [requires(frozenset(Role))]


@post("/test/do", guards=ANYBODY)
async def do(data: JSONBody[Body], actor: NamedDependency[Actor]) -> Response[Any]:
    if EFFECTS.gate is not None:
        await EFFECTS.gate.wait()
    EFFECTS.done += 1
    content = {"n": EFFECTS.done, "who": actor.bin, "text": data.text}
    return Response(content, status_code=EFFECTS.status, headers={"x-made-by": "do"})


@post("/test/pay", guards=[requires(Role.TREASURY)])
async def pay(data: JSONBody[Body]) -> None:
    EFFECTS.done += 1


@post("/test/token", guards=[public])
async def token() -> Response[Any]:
    EFFECTS.done += 1
    return Response({"token": f"t{EFFECTS.done}"}, headers={"cache-control": "no-store"})


@post("/test/fail", guards=[public])
async def fail(kind: FromQuery[str]) -> None:
    EFFECTS.done += 1
    raise FAILURES[kind]()


@get("/test/fail", guards=[public])
async def fail_to_read(kind: FromQuery[str]) -> None:
    raise FAILURES[kind]()


@post("/test/keep", guards=[public])
async def keep(data: JSONBody[Body], resources: NamedDependency[Resources]) -> int:
    where: Db = resources.db.signing
    await Query[int]("SELECT $1::int8").get(where, data.amount_tiyn)
    return await Query[int]("SELECT length($1::text)").get(where, data.text)


def ours() -> list[Router]:
    return [Router("/", route_handlers=[do, pay, token, fail, fail_to_read, keep])]


@pytest.fixture
def effects() -> Effects:
    EFFECTS.forget()
    return EFFECTS


@pytest.fixture
def app(resources: Resources, effects: Effects) -> Iterator[Litestar]:
    with application(resources, which="web", more=ours()) as made:
        yield made


@pytest.fixture
def another_app(resources: Resources, effects: Effects) -> Iterator[Litestar]:
    """A new instance, as after a restart."""
    with application(resources, which="web again", more=ours()) as made:
        yield made
