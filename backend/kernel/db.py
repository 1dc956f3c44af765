"""PostgreSQL: typed statements, transactions, one pool per database role.

A function that takes `db: Db` owns a transaction; one that takes `tx: Tx` joins its caller's.
"""

import enum
import types
import typing
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

import asyncpg
import msgspec

from backend.kernel.priority import step_back

T = TypeVar("T")

STATEMENT_TIMEOUT_S = 60
_own_logins: set[tuple[str, str]] = set()  # sockets and the roles that may log in there


class _Connection(asyncpg.Connection):
    """A pooled connection that keeps no session state, so that none has to be reset.

    asyncpg's reset query on every release costs 40 % of a short request; nothing in Saqtau sets
    session state outside a transaction (`SET LOCAL` alone is allowed).
    """

    def get_reset_query(self) -> str:
        return ""


class Tx:
    """An open transaction on one connection."""

    __slots__ = ("connection",)

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self.connection = connection


class Db:
    """A pool of connections under one database role."""

    def __init__(self, pool: "asyncpg.Pool[Any]", role: str) -> None:
        self.pool = pool
        self.role = role

    @asynccontextmanager
    async def transaction(self, *, isolation: str | None = None) -> AsyncIterator[Tx]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self.pool.acquire() as connection:
            if isolation is None:
                async with connection.transaction():
                    yield Tx(cast(Any, connection))
            else:
                async with connection.transaction(isolation=cast(Any, isolation)):
                    yield Tx(cast(Any, connection))

    async def close(self) -> None:
        """Close every connection."""
        await self.pool.close()


Executor = Db | Tx


def _runner(where: Executor) -> Any:
    return where.pool if isinstance(where, Db) else where.connection


class Query(Generic[T]):
    """One SQL statement and the shape of its rows.

    `Query[Announcement]("SELECT …")` builds an `Announcement` from each row, columns in the order
    of the struct's fields (a test compares the two against the database). `Query[int]` takes
    the single column. `Query[None]` returns nothing.
    """

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self._make: Callable[[Any], Any] | None = None

    @property
    def shape(self) -> Any:
        """The type of a row, as written between the brackets."""
        declared = getattr(self, "__orig_class__", None)
        if declared is None:
            raise TypeError("write Query[Shape](sql): the shape says what a row becomes")
        return typing.get_args(declared)[0]

    def _row(self, record: Any) -> T:
        if self._make is None:
            self._make = _maker(self.shape)
        return cast(T, self._make(record))

    async def one(self, where: Executor, *args: object) -> T | None:
        """The first row, or None."""
        record = await _runner(where).fetchrow(self.sql, *args)
        return None if record is None else self._row(record)

    async def get(self, where: Executor, *args: object) -> T:
        """The row that must be there; LookupError means a defect of ours."""
        record = await _runner(where).fetchrow(self.sql, *args)
        if record is None:
            raise LookupError(f"no row: {' '.join(self.sql.split())[:120]}")
        return self._row(record)

    async def all(self, where: Executor, *args: object) -> list[T]:
        """Every row."""
        return [self._row(r) for r in await _runner(where).fetch(self.sql, *args)]

    async def run(self, where: Executor, *args: object) -> int:
        """Execute; the number of rows touched."""
        status: str = await _runner(where).execute(self.sql, *args)
        tail = status.rsplit(" ", 1)[-1]
        return int(tail) if tail.isdigit() else 0

    async def many(self, tx: Tx, rows: Iterable[Sequence[object]]) -> None:
        """Execute once per row, pipelined in one round trip; for bulk use unnest or COPY instead."""
        await tx.connection.executemany(self.sql, rows)

    async def stream(self, tx: Tx, *args: object, prefetch: int = 2_000) -> AsyncIterator[T]:
        """Rows through a server-side cursor: memory stays flat."""
        async for record in tx.connection.cursor(self.sql, *args, prefetch=prefetch):
            yield self._row(record)


def _maker(shape: Any) -> Callable[[Any], Any]:
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        declared = enumerate(_converter(f.type) for f in msgspec.structs.fields(shape))
        converters = [(place, convert) for place, convert in declared if convert is not None]
        if not converters:
            return lambda record: shape(*record)

        def make(record: Any) -> Any:
            values = list(record)
            for place, convert in converters:
                if values[place] is not None:
                    values[place] = convert(values[place])
            return shape(*values)

        return make
    convert = _converter(shape)
    if convert is None:
        return lambda record: record[0]
    return lambda record: None if record[0] is None else convert(record[0])


def _converter(declared: Any) -> Callable[[Any], Any] | None:
    """What turns a database value into a field of this type; None when it already is one."""
    origin = typing.get_origin(declared)
    if origin in (typing.Union, types.UnionType):
        members = [a for a in typing.get_args(declared) if a is not type(None)]
        return _converter(members[0]) if len(members) == 1 else None
    if isinstance(declared, type) and issubclass(declared, enum.Enum):
        # by a dict: a tenth of what the class asks, and a history of receipts has dozens
        return {member.value: member for member in declared}.__getitem__
    if origin in (tuple, frozenset):
        of = typing.get_args(declared)[0]
        inner = _converter(of)
        if inner is None:
            return cast(Callable[[Any], Any], origin)
        if origin is frozenset and isinstance(of, type) and issubclass(of, enum.Enum):
            return _sets(inner)
        return lambda values: origin(map(inner, values))
    if origin in (dict, list) or (
        isinstance(declared, type) and issubclass(declared, msgspec.Struct)
    ):
        return lambda value: msgspec.convert(value, declared)
    return None


def _sets(inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Sets of members: few differ, so equal ones are one, made once (a session's roles and scopes)."""

    @lru_cache(maxsize=1_000)
    def kept(values: tuple[Any, ...]) -> frozenset[Any]:
        return frozenset(map(inner, values))

    return lambda values: kept(tuple(values))


async def _prepare_to_step_back(connection: Any) -> None:
    step_back(connection.get_server_pid())
    await _prepare(connection)


async def _prepare(connection: Any) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            encoder=lambda value: msgspec.json.encode(value).decode(),
            decoder=msgspec.json.decode,
        )


async def _logs_in(url: str, role: str) -> bool:
    """Whether the server lets `role` itself log in; asked once."""
    socket = _socket(url)
    if socket is None or urlsplit(url).password or not role.startswith("saqtau_"):
        return False
    if (socket, role) not in _own_logins:
        try:
            connection = await asyncpg.connect(url, user=role, timeout=15)
        except asyncpg.InvalidAuthorizationSpecificationError:
            return False  # not yet migrated, or the server maps logins to accounts
        await connection.close()
        _own_logins.add((socket, role))
    return True


def _socket(url: str) -> str | None:
    """The folder of the Unix socket; None: over the network."""
    host = (parse_qs(urlsplit(url).query).get("host") or [""])[0]
    return host if host.startswith("/") else None


async def open_db(
    url: str,
    role: str,
    *,
    min_size: int = 0,
    max_size: int = 8,
    application: str = "saqtau",
    plan_once: bool = False,
    background: bool = False,
) -> Db:
    """Open a pool whose every connection acts under `role` and nothing more.

    `url` is a PostgreSQL URL. Statements are cut off after STATEMENT_TIMEOUT_S; a transaction
    left idle for as long is ended, so that a hung caller holds no lock for ever.

    Over a Unix socket without a password (the embedded servers) the pool logs in as `role` itself and
    can become nobody else; elsewhere the URL's login takes the role on.

    `plan_once` is for pools whose statements name one person: a partitioned table's generic plan
    looks dear to the planner, which does not count on partitions being passed over when it runs,
    and so plans anew for every request, which costs more than the request. Not for sets.

    `background` is for work nobody waits for: on a machine shared with the server it steps back
    (kernel/priority.py).
    """
    planned = {"plan_cache_mode": "force_generic_plan"} if plan_once else {}
    pool = await asyncpg.create_pool(
        url,
        user=role if await _logs_in(url, role) else None,
        min_size=min_size,
        max_size=max_size,
        connection_class=_Connection,
        init=_prepare_to_step_back if background and _socket(url) else _prepare,
        timeout=15,
        server_settings={
            "role": role,
            "application_name": application,
            "timezone": "UTC",
            "search_path": "pg_catalog",
            "statement_timeout": str(STATEMENT_TIMEOUT_S * 1000),
            "idle_in_transaction_session_timeout": str(STATEMENT_TIMEOUT_S * 1000),
            "jit": "off",
            **planned,
        },
    )
    return Db(pool, role)


def violated(error: asyncpg.PostgresError) -> str | None:
    """The name of the constraint that refused a write, to be turned into a refusal."""
    return cast(str | None, getattr(error, "constraint_name", None))
