"""The wings of the house, bottom up, and what each gives the composition root."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Router
from litestar.di import Provide
from litestar.types import Scope

from backend.allocation import api as allocation_api
from backend.allocation import jobs as allocation_jobs
from backend.egov_adapter import api as egov_api
from backend.egov_adapter import jobs as egov_jobs
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.db import Db
from backend.kernel.errors import Unauthenticated
from backend.kernel.jobs import JobTable, SweepTable
from backend.kernel.resources import Resources
from backend.payments import api as payments_api
from backend.payments import jobs as payments_jobs
from backend.payments.settlement.service import ActSettlement
from backend.registry import api as registry_api
from backend.registry import jobs as registry_jobs
from backend.registry.technical_break.api import rests_in_a_break
from backend.signing import api as signing_api
from backend.signing import jobs as signing_jobs
from backend.visits import api as visits_api
from backend.visits import jobs as visits_jobs
from backend.web.problems import language_of

# wing -> its modules; the name is also the field of Databases
WINGS = {
    "signing": (signing_api, signing_jobs),
    "registry": (registry_api, registry_jobs),
    "visits": (visits_api, visits_jobs),
    "allocation": (allocation_api, allocation_jobs),
    "payments": (payments_api, payments_jobs),
    "egov": (egov_api, egov_jobs),
}


def subscribe() -> None:
    """Tell the event log which jobs hear which event; every process that appends events does this."""
    table: dict[type[events.Event], tuple[str, ...]] = {}
    for _, jobs in WINGS.values():
        for event, names in jobs.SUBSCRIPTIONS.items():
            table[event] = (*table.get(event, ()), *names)
    events.Subscriptions.fill(table)


def job_table() -> JobTable:
    """Every job of every wing; two wings naming one job the same is a defect."""
    table: JobTable = {}
    for _, jobs in WINGS.values():
        assert not table.keys() & jobs.JOBS.keys(), "two wings name a job the same"
        table |= jobs.JOBS
    return table


def sweep_table() -> SweepTable:
    """Every sweep of every wing."""
    table: SweepTable = {}
    for _, jobs in WINGS.values():
        table |= jobs.SWEEPS
    return table


class Holder:
    """Gives handlers what the process opened at start-up (nothing until then)."""

    def __init__(self) -> None:
        self._resources: Resources | None = None

    def fill(self, resources: Resources | None) -> None:
        """Set at start-up, emptied at shut-down."""
        self._resources = resources

    def get(self) -> Resources:
        """What the process has open."""
        assert self._resources is not None, "the application has not started"
        return self._resources

    def provide_db(self, wing: str) -> Provide:
        """A wing's pool, as a handler's dependency."""

        async def provide() -> Db:
            pool: Db = getattr(self.get().db, wing)
            return pool

        return Provide(provide)

    def provide(self, field: str) -> Provide:
        """One field of the resources, as a handler's dependency."""

        async def provide() -> Any:
            return getattr(self.get(), field)

        return Provide(provide)


async def provide_actor(scope: Scope) -> Actor:
    """Who asks; only handlers behind a `requires` guard may depend on it."""
    actor: Actor | None = scope.get("user")
    if actor is None:
        raise Unauthenticated
    return actor


async def provide_language(request: Request[Any, Any, Any]) -> str:
    """kk, ru or en, by Accept-Language."""
    return language_of(request.headers.get("accept-language"))


def dependencies(holder: Holder) -> dict[str, Provide]:
    """What every handler may ask for by name; `db` is its own wing's pool."""
    return {
        "actor": Provide(provide_actor),
        "language": Provide(provide_language),
        "resources": Provide(_provide_resources(holder)),
        "registry_db": holder.provide_db("registry"),
        "signing_db": holder.provide_db("signing"),
        "settlement": Provide(_provide_settlement(holder)),
        **{
            name: holder.provide(name)
            for name in ("clock", "calendar", "keyring", "config", "http")
        },
    }


def _provide_resources(holder: Holder) -> Callable[[], Awaitable[Resources]]:
    async def provide() -> Resources:
        return holder.get()

    return provide


def _provide_settlement(holder: Holder) -> Callable[[], Awaitable[ActSettlement]]:
    """Who tells the registry whether acts are open: payments, which stands above it."""

    async def provide() -> ActSettlement:
        return ActSettlement(holder.get().db.payments)

    return provide


def routers(holder: Holder) -> list[Router]:
    """One router per wing under /api/v1; the registry's keeps its technical breaks."""
    guards = {"registry": [rests_in_a_break(holder.get)]}
    return [
        Router(
            "/api/v1",
            route_handlers=api.HANDLERS,
            dependencies={"db": holder.provide_db(name)},
            guards=guards.get(name),
        )
        for name, (api, _) in WINGS.items()
    ]
