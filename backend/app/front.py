"""What every request passes before its handler: request id, demo clock, who asks, once.

ASGI middleware inside Litestar, so that what it refuses becomes a problem document.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from backend.kernel import logs
from backend.kernel.actor import Actor
from backend.kernel.errors import Invalid
from backend.kernel.resources import Resources
from backend.kernel.simulated_clock import SimulatedClock
from backend.web import bodies, idempotency, problems

Authenticate = Callable[[Resources, str], Awaitable[Actor | None]]
log = logs.AccessLog()
_BODIES = {"POST", "PUT", "PATCH", "DELETE"}


async def follow_the_clock(resources: Resources) -> None:
    """In the demo time leaps, and every request reads it; any other mode asks nothing."""
    if isinstance(resources.clock, SimulatedClock):
        await resources.clock.refresh(resources.db.signing)


class Front(ASGIMiddleware):
    """Identify the request and the actor; answer repeated commands from the store."""

    def __init__(self, resources: Callable[[], Resources], authenticate: Authenticate) -> None:
        self._resources = resources
        self._authenticate = authenticate

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """One request."""
        if scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        await self._request(scope, receive, send, next_app)

    async def _request(
        self, scope: HTTPScope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        started = time.perf_counter()
        status, begun = 0, False

        async def watched(message: Any) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        request_id = str(uuid4())
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._pass_on(scope, receive, watched, next_app)
        except Exception as e:
            if begun:
                raise
            await problems.answer(e, scope, receive, watched)
        finally:
            log(
                scope["method"],
                scope.get("path_template", ""),
                status,
                round((time.perf_counter() - started) * 1000, 1),
                request_id,
            )
            structlog.contextvars.unbind_contextvars("request_id")

    async def _pass_on(
        self, scope: HTTPScope, receive: Receive, send: Send, next_app: ASGIApp
    ) -> None:
        resources = self._resources()
        await follow_the_clock(resources)
        headers = dict(scope["headers"])
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            raise Invalid(path="URL")
        scope["user"] = await self._actor(resources, headers)
        body_max = resources.config.body_max_bytes
        if scope["method"] in _BODIES:
            bodies.require_plain(headers)
            receive = bodies.replay(await bodies.read_body(receive, body_max))
        once = idempotency.middleware(
            next_app,
            db_of=lambda _: resources.db.signing,
            now=resources.clock.now,
            body_max=body_max,
        )
        await once(scope, receive, send)

    async def _actor(self, resources: Resources, headers: dict[bytes, bytes]) -> Actor | None:
        kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        if kind.lower() != "bearer" or not token:
            return None
        return await self._authenticate(resources, token)
