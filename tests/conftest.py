"""What every test may ask for: real servers, a migrated database of its own, a clock that stands still."""

import hashlib
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import httpx
import msgspec
import pytest
import redis.asyncio as redis
from litestar import Litestar

from backend.app import wings
from backend.app.asgi import Application, create_app
from backend.app.resources import PLAN_ONCE, WINGS
from backend.kernel.actor import Actor, Role
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import FixedClock
from backend.kernel.config import Config, Mode
from backend.kernel.db import Db, open_db
from backend.kernel.resources import Databases, Resources
from backend.kernel.sealing import Keyring
from backend.signing.login import service as login
from infra import migrate, servers
from infra.servers.postgres import FSYNC_VARIABLE

ROOT = Path(__file__).parent.parent
MONDAY_MORNING = datetime(2026, 4, 6, 4, 0, tzinfo=UTC)  # 09:00 in Kazakhstan
SECRET = "test-secret-test-secret-test-secret!"
# With it a module's tests run twice: past the framework where it is short (app/fast.py), and through it.
BOTH_WAYS = pytest.mark.parametrize(
    "config", [True, False], indirect=True, ids=["fast", "framework"]
)
ISSUER_BIN = "061211600012"
_TEMPLATE_LOCK = 7_105_204
_numbers = itertools.count()


# Where this run keeps its servers' data: in memory where there is room. A disk needs up to a second to make the
# 3,700 files of one test's database, memory a twentieth. The long proofs fill gigabytes and measure what is durable: on
# the disk, written through.
HOME_VARIABLE = "SAQTAU_TESTS_HOME"
_MEMORY = Path("/dev/shm")
_ROOM = 4_000_000_000


def pytest_configure(config: pytest.Config) -> None:
    """Name the run's folder, for the workers too; what killed runs left is cleared away."""
    if hasattr(config, "workerinput") or HOME_VARIABLE in os.environ:
        return
    room = _MEMORY
    if _proves(config):
        room = Path(tempfile.gettempdir())
    elif not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        return
    for left in room.glob(f"saqtau-tests-{os.getuid()}-*"):
        pid = left.name.rpartition("-")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
    os.environ[HOME_VARIABLE] = str(room / f"saqtau-tests-{os.getuid()}-{os.getpid()}")


def _proves(config: pytest.Config) -> bool:
    return config.getoption("markexpr") == "prove"


def pytest_unconfigure(config: pytest.Config) -> None:
    """The run is over, its workers too: its servers hold nothing anybody keeps."""
    home = os.environ.get(HOME_VARIABLE, "")
    if hasattr(config, "workerinput") or not home.endswith(f"-{os.getpid()}"):
        return
    if Path(home).exists():
        servers.stop(Path(home))
        shutil.rmtree(home, ignore_errors=True)
    del os.environ[HOME_VARIABLE]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs servers, so that `make quick` can leave it out."""
    for item in items:
        if "endpoints" in getattr(item, "fixturenames", ()):
            item.add_marker("servers")


def with_database(url: str, name: str) -> str:
    """`url`, pointing at the database `name`."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def endpoints(pytestconfig: pytest.Config) -> Iterator[servers.Endpoints]:
    """Running PostgreSQL and Valkey: the embedded ones, or those the environment names."""
    home = os.environ.get(HOME_VARIABLE)
    if not _proves(pytestconfig):
        os.environ[FSYNC_VARIABLE] = "off"  # started by us, they hold nothing anybody keeps
    with servers.running(Path(home) if home else None) as found:
        os.environ.pop(FSYNC_VARIABLE, None)
        yield found


@pytest.fixture(scope="session")
async def template(endpoints: servers.Endpoints) -> str:
    """The name of a migrated database, built once for one state of the migration files."""
    files = "".join(m.sha256 for m in migrate.migrations())
    name = f"template_{hashlib.sha256(files.encode()).hexdigest()[:12]}"
    admin = await asyncpg.connect(endpoints.database_url)
    try:
        await admin.execute("SELECT pg_advisory_lock($1)", _TEMPLATE_LOCK)
        names = {r[0] for r in await admin.fetch("SELECT datname FROM pg_database")}
        if name not in names:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}_new" WITH (FORCE)')
            await admin.execute(f'CREATE DATABASE "{name}_new"')
            await migrate.migrate(with_database(endpoints.database_url, f"{name}_new"))
            await admin.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
        for stale in filter(_is_stale, names):
            await admin.execute(f'DROP DATABASE IF EXISTS "{stale}" WITH (FORCE)')
    finally:
        await admin.close()
    return name


def _is_stale(name: str) -> bool:
    """A test's database whose process is gone."""
    kind, _, rest = name.partition("_")
    pid = rest.partition("_")[0]
    if kind != "test" or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@pytest.fixture
async def database_url(endpoints: servers.Endpoints, template: str) -> AsyncIterator[str]:
    """A database of this test's own, copied from the template."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    admin = await asyncpg.connect(endpoints.database_url)
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        yield with_database(endpoints.database_url, name)
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()


@pytest.fixture
async def databases(database_url: str) -> AsyncIterator[Databases]:
    """One pool per wing, each under the wing's own role."""
    pools = {
        wing: await open_db(database_url, f"saqtau_{wing}", max_size=6, plan_once=wing in PLAN_ONCE)
        for wing in WINGS
    }
    yield Databases(**pools)
    for pool in pools.values():
        await pool.close()


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection as the database's owner: to look behind the roles, or to play the attacker."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def db_signing(databases: Databases) -> Db:
    return databases.signing


@pytest.fixture
def db_registry(databases: Databases) -> Db:
    return databases.registry


@pytest.fixture
def db_visits(databases: Databases) -> Db:
    return databases.visits


@pytest.fixture
def db_allocation(databases: Databases) -> Db:
    return databases.allocation


@pytest.fixture
def db_payments(databases: Databases) -> Db:
    return databases.payments


@pytest.fixture
def db_egov(databases: Databases) -> Db:
    return databases.egov


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
def calendar() -> LegalCalendar:
    return LegalCalendar()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.from_secret(SECRET)


@pytest.fixture
def config(
    database_url: str,
    endpoints: servers.Endpoints,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Config:
    return Config(
        fast_paths=getattr(request, "param", True),
        mode=Mode.TEST,
        database_url=database_url,
        valkey_url=endpoints.valkey_url,
        secret=SECRET,
        issuer_bin=ISSUER_BIN,
        trust="test",
        log_level="WARNING",
        object_dir=str(tmp_path / "objects"),
    )


@pytest.fixture
async def resources(
    config: Config,
    databases: Databases,
    clock: FixedClock,
    calendar: LegalCalendar,
    keyring: Keyring,
) -> AsyncIterator[Resources]:
    """What a running process has open, with the test's own database and clock."""
    valkey = redis.from_url(config.valkey_url)
    async with httpx.AsyncClient(timeout=config.source_timeout_s, trust_env=False) as http:
        wings.subscribe()
        yield Resources(
            config=config,
            db=databases,
            clock=clock,
            calendar=calendar,
            keyring=keyring,
            valkey=valkey,
            http=http,
        )
    await valkey.aclose()


_apps: dict[tuple[str, bool, int], Application] = {}


@contextmanager
def application(
    resources: Resources,
    *,
    which: str = "",
    fast_paths: bool | None = None,
    more: Sequence[Any] = (),
) -> Iterator[Application]:
    """The whole application on open resources; built once for those alike: that takes most of a second.

    `more` are routes of the tests' own; `which` tells such an application, or a second one, from the others.
    """
    config = resources.config
    if fast_paths is not None:
        config = msgspec.structs.replace(config, fast_paths=fast_paths)
    alike = (which, config.fast_paths, config.body_max_bytes)
    if alike not in _apps:
        _apps[alike] = create_app(config)
        for route in more:
            _apps[alike].register(route)
    _apps[alike].holder.fill(resources)
    yield _apps[alike]
    _apps[alike].holder.fill(None)


@pytest.fixture
def app(resources: Resources) -> Iterator[Litestar]:
    """The whole application on the test's resources."""
    with application(resources) as made:
        yield made


Client = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def client(app: Litestar, resources: Resources) -> Client:
    """`async with client(Role.ISSUER_HEAD, bin=…) as http:` calls the API as that actor.

    Without roles, as a guest. `person_id` makes a citizen.
    """

    @asynccontextmanager
    async def as_actor(*roles: Role, **who: object) -> AsyncIterator[httpx.AsyncClient]:
        headers = {}
        if roles:
            token = await open_session(resources, *roles, **who)
            headers["Authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with httpx.AsyncClient(
            transport=transport, base_url="http://saqtau.test", headers=headers
        ) as http:
            yield http

    return as_actor


async def open_session(resources: Resources, *roles: Role, **who: object) -> str:
    """A session without the ceremony of signing in; the bearer token."""
    now = resources.clock.now()
    actor = Actor(session_id=uuid4(), roles=frozenset(roles), **who)  # type: ignore[arg-type]
    async with resources.db.signing.transaction() as tx:
        return await login.open_session(
            tx, resources.keyring, actor, at=now, until=now + timedelta(hours=1)
        )
