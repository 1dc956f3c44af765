"""The HTTP application: every wing's handlers, one set of habits."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Router
from litestar.openapi.plugins import ScalarRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController
from litestar.types import Message, Send

from backend.app import operations, wings
from backend.app.fast import FAST, FastPaths
from backend.app.freshness import service as freshness
from backend.app.front import Front
from backend.app.health import live, ready, sweeps
from backend.app.resources import end_task, open_resources
from backend.kernel.config import Config
from backend.kernel.resources import Resources
from backend.signing.login import service as login
from backend.signing.pages import api as sign_pages
from backend.signing.verify import pool
from backend.visits.pages import api as visit_pages
from backend.web import addresses, bodies, problems
from backend.web.described import ClosedStructs, Describing
from backend.web.guards import public

GARBAGE_THRESHOLD = 1_000  # net new objects between two rounds of the collector: more made it stop everybody for 5 ms

DESCRIPTION = (
    "The digital service of healthcare financing: digital insurance policies, proportional "
    "allocation, contracts, visits by QR, acts of rendered services and payments.\n\n"
    "Signed commands are `{document, signature}`: base64 of the exact bytes and of a CMS over them. "
    "Errors are RFC 9457 problem documents with a stable `code`. Money is integer tiyn. "
    "In a technical break of the registry (`/api/v1/public/technical-breaks`) commands that change it are "
    "answered 503 `TECHNICAL_BREAK` with `Retry-After`; reading goes on."
)


class Metrics(PrometheusController):
    """Prometheus metrics; routes by template, never by value."""

    path = "/metrics"
    openmetrics_format = True
    guards = [public]  # noqa: RUF012
    include_in_schema = False


class Application(Litestar):
    """The framework, and in front of it the paths that go past it."""

    fast: FastPaths | None = None
    holder: wings.Holder  # of what is open: who built the application may fill it anew

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, or the lifespan. HEAD is GET without its body (RFC 9110 §9.3.2)."""
        if scope["type"] == "lifespan" and "state" in scope:
            scope["state"][FAST] = self.fast
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _head_alone(send)
        if self.fast is None:
            await super().__call__(scope, receive, send)
        else:
            await self.fast(scope, receive, send, super().__call__)


def _head_alone(send: Send) -> Send:
    """Ends the answer with its head: a stream that would go on is told that nobody listens."""

    async def heading(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return heading


def _settle() -> None:
    """Leave what start-up made out of the garbage collector's rounds: it stays until the end.

    The routes, texts and schemas are a quarter of a million objects; looking through them again and again took a
    third of a busy process's time (docs/bench.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])


def _lifespan(
    config: Config, holder: wings.Holder
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """From start-up to shut-down: what the process has open, and its sources watched."""

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        async with open_resources(
            config, application="saqtau-serve", verifiers=pool.processes_for(config)
        ) as opened:
            holder.fill(opened)
            watching = asyncio.create_task(freshness.watch(holder.get))
            _settle()
            try:
                yield
            finally:
                await end_task(watching)
                holder.fill(None)

    return lifespan


def create_app(config: Config, resources: Resources | None = None) -> Application:
    """The application for `config`.

    It opens its resources at start-up and closes them at its end, unless it is given open ones.
    """
    holder = wings.Holder()
    holder.fill(resources)
    wings.subscribe()

    metrics = PrometheusConfig(app_name="saqtau", prefix="saqtau", group_path=True)
    app = Application(
        route_handlers=[
            Metrics,
            # in a router, which copies them: describing an application changes what it describes
            Router("/", route_handlers=[live, ready, sweeps, *operations.HANDLERS]),
            *sign_pages.HANDLERS,
            *visit_pages.HANDLERS,
            *wings.routers(holder),
        ],
        dependencies=wings.dependencies(holder),
        middleware=[
            metrics.middleware,
            Front(holder.get, login.authenticate),
        ],
        before_request=_require_sound,
        exception_handlers=problems.HANDLERS,
        lifespan=[_lifespan(config, holder)],
        plugins=[ClosedStructs()],
        openapi_config=Describing(
            title="Saqtau",
            version="1",
            description=DESCRIPTION,
            path="/schema",
            use_handler_docstrings=True,
            render_plugins=[ScalarRenderPlugin()],
            components=Components(
                security_schemes={"session": SecurityScheme(type="http", scheme="bearer")}
            ),
        ),
        request_max_body_size=config.body_max_bytes,
        debug=False,
        logging_config=None,  # kernel.logs owns every handler: it masks
    )
    addresses.learn(app)
    app.holder = holder
    if config.fast_paths:
        app.fast = FastPaths(app, holder.get, metrics)
    return app


async def _require_sound(request: Request[Any, Any, Any]) -> None:
    """After the guards, before a handler: what is asked can be read in one way only."""
    addresses.require_known(request)
    await bodies.require_strict(request)
