"""The two requests that come by the thousand, past the framework: am I insured, and I am here.

The framework spends longer on such a request than the database does (docs/bench.md). Here a plain
one goes straight to its service: the same session, role, rules, statement, problem documents,
metrics and log line. What is not plain in any way (another header that means something, a guest, a
body that cannot be read) goes through the framework, as all of them do with `SAQTAU_FAST_PATHS=0`.
Under `saqtau serve` the connection asks here before ASGI is involved (app/connection.py, ADR 0023).
Path, role and status are read from the framework's own routes; OpenAPI describes them there.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from uuid import uuid4

import msgspec
import structlog
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.plugins.prometheus import PrometheusConfig, PrometheusMiddleware
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, Receive, Scope, Send

from backend.app import front
from backend.egov_adapter.record import api as record_api
from backend.egov_adapter.record import service as record
from backend.kernel import logs, strict_json
from backend.kernel.actor import Actor
from backend.kernel.errors import Invalid
from backend.kernel.resources import Resources
from backend.signing.login import service as login
from backend.visits.checkin import service as checkin
from backend.visits.checkin.model import CheckIn
from backend.web import bodies, problems
from backend.web.guards import requires

FAST = "saqtau_fast"  # in the state of the lifespan: where connections find the fast paths
BODY_MAX = 1_024  # bytes; a check-in is some 200
# Headers that change nothing here. Any other one is the framework's affair.
_PLAIN = frozenset(
    {
        b"accept", b"accept-encoding", b"accept-language", b"authorization", b"cache-control",
        b"connection", b"content-length", b"content-type", b"dnt", b"host", b"origin", b"pragma",
        b"priority", b"referer", b"sec-ch-ua", b"sec-ch-ua-mobile", b"sec-ch-ua-platform",
        b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site", b"user-agent", b"x-forwarded-for",
        b"x-forwarded-proto", b"x-real-ip",
    }
)  # fmt: skip
_JSON = (b"content-type", b"application/json")
Headers = dict[bytes, bytes]
Pairs = list[tuple[bytes, bytes]]
Answer = tuple[int, Pairs, bytes]  # status, headers, body
Run = Callable[[Resources, Actor, Headers, Any], Awaitable[msgspec.Struct]]

log = logs.get("app.fast")


async def _status(resources: Resources, actor: Actor, headers: Headers, _: Any) -> msgspec.Struct:
    language = problems.language_of(headers.get(b"accept-language", b"").decode("latin-1"))
    person_id = await record_api.own(resources, actor, "GetOwnStatus")
    return await record.status(resources.db.egov, resources.clock, person_id, language)


async def _check_in(
    resources: Resources, actor: Actor, _: Headers, command: CheckIn
) -> msgspec.Struct:
    return await checkin.check_in(resources.db.visits, resources.clock, actor, command)


# operationId -> what it takes as its body, what carries it out
OPERATIONS: dict[str, tuple[type[msgspec.Struct] | None, Run]] = {
    "GetOwnStatus": (None, _status),
    "RegisterVisit": (CheckIn, _check_in),
}


class FastPath:
    """One operation, as its route in the framework describes it."""

    def __init__(self, method: str, path: str, handler: HTTPRouteHandler, meter: "Meter") -> None:
        body, self.run = OPERATIONS[str(handler.operation_id)]
        self.decode = None if body is None else msgspec.json.Decoder(body).decode
        self.method, self.path = method, path
        (guard,) = (g for g in handler.resolve_guards() if isinstance(g, requires))
        self.admits, self.status, self.meter = guard.admits, handler.status_code, meter

    def plain(self, pairs: Iterable[tuple[bytes, bytes]]) -> Headers | None:
        """The headers of a request that is plain; None when the framework should see it."""
        pairs = list(pairs)
        headers: Headers = dict(pairs)
        if (
            len(headers) != len(pairs)  # one stands twice
            or not headers.keys() <= _PLAIN
            or headers.get(b"authorization", b"")[:7] != b"Bearer "
        ):
            return None
        length = headers.get(b"content-length", b"0")
        if self.decode is None:
            return headers if length == b"0" else None
        fits = length.isdigit() and 0 < int(length[:9]) <= BODY_MAX
        return headers if fits and headers.get(b"content-type") == b"application/json" else None


class Meter:
    """The framework's own Prometheus metrics, for one operation."""

    def __init__(
        self, metrics: PrometheusMiddleware, app_name: str, method: str, path: str
    ) -> None:
        self._metrics, self._values = metrics, (method, path, app_name)
        self._by_status: dict[int, tuple[Any, Any]] = {}
        self._flying: Any = None

    def begin(self) -> None:
        """A request came."""
        if self._flying is None:
            labels = self._labels(200)
            self._flying = self._metrics.requests_in_progress(labels).labels(*labels.values())
        self._flying.inc()

    def end(self, status: int, seconds: float) -> None:
        """It was answered."""
        self._flying.dec()
        found = self._by_status.get(status)
        labels = self._labels(status)
        if found is None:
            found = self._by_status[status] = (
                self._metrics.request_count(labels).labels(*labels.values()),
                self._metrics.request_time(labels).labels(*labels.values()),
            )
        found[0].inc()
        found[1].observe(seconds)
        if status >= 500:
            self._metrics.requests_error_count(labels).labels(*labels.values()).inc()

    def _labels(self, status: int) -> dict[str, str | int | float]:
        method, path, app_name = self._values
        return {"method": method, "path": path, "status_code": status, "app_name": app_name}


class FastPaths:
    """Answers plain requests of OPERATIONS; hands everything else to the framework."""

    def __init__(
        self, app: Litestar, resources: Callable[[], Resources], metrics: PrometheusConfig
    ) -> None:
        self._resources = resources
        self._paths: dict[tuple[bytes, bytes], FastPath] = {}
        middleware = PrometheusMiddleware(app, metrics)
        for route in app.routes:
            for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
                if handler.operation_id in OPERATIONS:
                    method = next(iter(handler.http_methods - {"OPTIONS", "HEAD"}))
                    meter = Meter(middleware, metrics.app_name, method, route.path)
                    path = FastPath(method, route.path, handler, meter)
                    self._paths[method.encode(), route.path.encode()] = path
        assert len(self._paths) == len(OPERATIONS), "an operation has lost its route"

    def at(self, method: bytes, url: bytes) -> FastPath | None:
        """The operation at an address as it stands in the request; None with a query or anything else."""
        return self._paths.get((method, url))

    async def __call__(self, scope: Scope, receive: Receive, send: Send, rest: ASGIApp) -> None:
        """One request by ASGI; `rest` is the framework."""
        path, headers = self._plain(scope)
        if path is None or headers is None:
            await rest(scope, receive, send)
            return
        body = b""
        if path.decode is not None:
            try:
                body = await bodies.read_body(receive, BODY_MAX)
            except Invalid:  # the caller left
                await rest(scope, _gone, send)
                return
            receive = bodies.replay(body)
        answer = await self.answer(path, headers, body, lambda: scope)
        if answer is None:
            await rest(scope, receive, send)
            return
        status, told, content = answer
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": content, "more_body": False})

    def _plain(self, scope: Scope) -> tuple[FastPath | None, Headers | None]:
        if scope["type"] != ScopeType.HTTP or scope["query_string"] or scope.get("root_path"):
            return None, None
        path = self._paths.get((scope["method"].encode(), scope["path"].encode()))
        return path, None if path is None else path.plain(scope["headers"])

    async def answer(
        self, path: FastPath, headers: Headers, body: bytes, scope_of: Callable[[], Scope]
    ) -> Answer | None:
        """The answer to a plain request with its whole body; None when the framework has to see it.

        `scope_of` makes the ASGI scope, which only a refusal's words need.
        """
        started = time.perf_counter()
        try:
            resources = self._resources()
            await front.follow_the_clock(resources)
            token = headers[b"authorization"][7:].decode("latin-1")
            actor = await login.authenticate(resources, token)
        except problems.STORE_FAILURES:  # which the framework's path finds and says
            return None
        except Exception as e:  # a defect of ours: the framework answers, at several times the cost
            log.error("a hot request could not be answered at once", error=type(e).__name__)
            return None
        if actor is None or not path.admits(actor):
            return None
        command = None
        if path.decode is not None:
            try:
                strict_json.parse(body)
                command = path.decode(body)
            except (ValueError, msgspec.MsgspecError):  # said in the framework's words
                return None
        run = path.run(resources, actor, headers, command)
        return await _carry_out(path, run, started, scope_of)


async def _gone() -> Any:
    return {"type": "http.disconnect"}


async def _carry_out(
    path: FastPath,
    run: Awaitable[msgspec.Struct],
    started: float,
    scope_of: Callable[[], Scope],
) -> Answer:
    request_id = str(uuid4())
    status = 500
    structlog.contextvars.bind_contextvars(request_id=request_id)
    path.meter.begin()
    try:
        try:
            body = msgspec.json.encode(await run)
        except Exception as e:
            status, headers, body = await _refusal(e, path, scope_of())
        else:
            status = path.status
            headers = [_JSON, (b"content-length", b"%d" % len(body))]
    finally:
        seconds = time.perf_counter() - started
        path.meter.end(status, seconds)
        front.log(path.method, path.path, status, round(seconds * 1000, 1), request_id)
        structlog.contextvars.unbind_contextvars("request_id")
    return status, [*headers, (b"x-request-id", request_id.encode())], body


async def _refusal(error: Exception, path: FastPath, scope: Scope) -> Answer:
    """The problem document of what went wrong."""
    scope["path_template"] = path.path
    scope.setdefault("state", {})
    told: list[Any] = []

    async def keep(message: Any) -> None:
        told.append(message)

    await problems.answer(error, scope, _gone, keep)
    start, *rest = told
    return start["status"], list(start["headers"]), b"".join(part["body"] for part in rest)
