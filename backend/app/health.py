"""Is the process alive, is it ready, how does it fare: `/health/live`, `/health/ready`, `/metrics`."""

import asyncio
import time
from collections.abc import Awaitable

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from backend.kernel.clock import require_tzdata
from backend.kernel.db import Query
from backend.kernel.resources import Resources
from backend.web.guards import public
from backend.web.openapi import operation
from infra import migrate

CLOCK_SKEW_S = 5  # between this process and the database, beyond which legal terms are at risk
_CHECK_TIMEOUT_S = 3

DATABASE_NOW = Query[float]("SELECT extract(epoch FROM clock_timestamp())::float8")


class Check(msgspec.Struct, frozen=True):
    """One condition of readiness."""

    name: str
    ok: bool
    detail: str


class Readiness(msgspec.Struct, frozen=True):
    """Whether traffic may come, and why not."""

    ready: bool
    checks: list[Check]


class Liveness(msgspec.Struct, frozen=True):
    """The process runs and answers."""

    alive: bool


@get(
    "/health/live",
    guards=[public],
    tags=["health"],
    **operation(
        "GetLiveness",
        "Does the process answer",
        discloses="nothing",
        guarded=False,
        answer={"alive": True},
    ),
)
async def live() -> Liveness:
    """Say that the process runs."""
    return Liveness(alive=True)


@get(
    "/health/ready",
    guards=[public],
    tags=["health"],
    **operation(
        "GetReadiness",
        "May traffic come, and if not, why",
        discloses="nothing",
        guarded=False,
        answer={"ready": True, "checks": [{"name": "clock", "ok": True, "detail": "in step"}]},
    ),
)
async def ready(resources: NamedDependency[Resources]) -> Response[Readiness]:
    """Check the database, Valkey, the migrations and the clock."""
    checks = await asyncio.gather(
        *[
            _checked(name, check(resources))
            for name, check in (
                ("database", _database),
                ("valkey", _valkey),
                ("migrations", _migrations),
                ("clock", _clock),
            )
        ]
    )
    state = Readiness(ready=all(c.ok for c in checks), checks=list(checks))
    return Response(state, status_code=200 if state.ready else 503)


async def _checked(name: str, check: Awaitable[str]) -> Check:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            return Check(name, ok=True, detail=await check)
    except TimeoutError:
        return Check(name, ok=False, detail=f"no answer in {_CHECK_TIMEOUT_S} s")
    except Exception as e:  # whatever is wrong, the answer is "not ready"
        return Check(name, ok=False, detail=type(e).__name__)


async def _database(resources: Resources) -> str:
    await DATABASE_NOW.get(resources.db.signing)
    return "answers"


async def _valkey(resources: Resources) -> str:
    await resources.valkey.ping()
    return "answers"


async def _migrations(resources: Resources) -> str:
    missing = await migrate.pending(resources.config.database_url)
    if missing:
        raise RuntimeError(f"{len(missing)} to run")
    return "all run"


async def _clock(resources: Resources) -> str:
    require_tzdata()
    skew = abs(await DATABASE_NOW.get(resources.db.signing) - time.time())
    if skew > CLOCK_SKEW_S:
        raise RuntimeError(f"{skew:.1f} s apart")
    return "in step"
