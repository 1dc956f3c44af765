"""Is the process alive, is it ready, how does it fare: `/health/live`, `/health/ready`, `/metrics`.

`/health/sweeps` is about the worker: does everything that runs by itself still run (FAULTS 22).
"""

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from backend.app import wings
from backend.kernel import heartbeats
from backend.kernel.clock import require_tzdata
from backend.kernel.db import Query
from backend.kernel.heartbeats import Heartbeat
from backend.kernel.resources import Resources
from backend.registry.technical_break import service as technical_breaks
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


class Sweeps(msgspec.Struct, frozen=True):
    """Whether everything that runs by itself does; `silent` are the sweeps that do not."""

    alive: bool
    silent: list[str]
    sweeps: list[Heartbeat]


@get(
    "/health/sweeps",
    guards=[public],
    tags=["health"],
    **operation(
        "GetSweeps",
        "Does everything that runs by itself still run",
        discloses="nothing",
        guarded=False,
        answer={
            "alive": True,
            "silent": [],
            "sweeps": [
                {
                    "name": "payments.expire_suspensions",
                    "beat_at": "2026-06-10T05:00:00Z",
                    "failed_at": None,
                    "failures": 0,
                    "silent": False,
                }
            ],
        },
    ),
)
async def sweeps(resources: NamedDependency[Resources]) -> Response[Sweeps]:
    """Answer 503 while a sweep has not come to its end for five minutes: watch this address."""
    at = datetime.now(UTC)
    found = await heartbeats.of(resources.db.signing, wings.sweep_table().keys(), at=at)
    silent = [beat.name for beat in found if beat.silent]
    return Response(
        Sweeps(alive=not silent, silent=silent, sweeps=found), status_code=503 if silent else 200
    )


@get(
    "/health/ready",
    guards=[public],
    tags=["health"],
    **operation(
        "GetReadiness",
        "May traffic come, and if not, why",
        discloses="nothing",
        guarded=False,
        answer={
            "ready": True,
            "checks": [
                {"name": "clock", "ok": True, "detail": "in step"},
                {"name": "registry", "ok": True, "detail": "open"},
            ],
        },
    ),
)
async def ready(resources: NamedDependency[Resources]) -> Response[Readiness]:
    """Check the database, Valkey, the migrations and the clock; tell of a technical break.

    In a break traffic may come: the registry is read, and a command that changes it is told until when.
    """
    checks = await asyncio.gather(
        *[
            _checked(name, check(resources))
            for name, check in (
                ("database", _database),
                ("valkey", _valkey),
                ("migrations", _migrations),
                ("clock", _clock),
                ("registry", _registry),
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


async def _registry(resources: Resources) -> str:
    until_at = await technical_breaks.running_until(resources.db.registry)
    if until_at is None:
        return "open"
    return f"technical break until {until_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
