"""Every operation of the service as its OpenAPI tells it, with the roles its guard admits."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar

from backend.kernel.actor import EXECUTOR, Role
from backend.web.guards import requires
from tests.architecture.test_handlers import handlers, operations
from tests.conftest import ISSUER_BIN
from tests.foreign.objects import THINGS
from tests.foreign.table import FOREIGN, HEADERS, NOT_TRIED
from tests.visits.conftest import AIGUL, CLINIC_BIN

JSON = "application/json"
STREAM = "text/event-stream"
_TENANTS = EXECUTOR | {Role.MIS, Role.INTEGRATION, Role.BIOMETRICS, Role.BOT}


class Operation(msgspec.Struct, frozen=True):
    """One operation. `answers`: status -> the codes documented under it; `roles` is empty for guests."""

    name: str
    method: str
    path: str
    parameters: tuple[dict[str, Any], ...]
    media: str | None
    schema: dict[str, Any] | None
    example: Any
    answers: dict[int, frozenset[str]]
    streams: bool
    roles: frozenset[Role]
    headers: dict[str, str]

    def address(self, ids: dict[str, str]) -> str:
        """The path with its parameters filled in."""
        path = self.path
        for name, value in ids.items():
            path = path.replace("{" + name + "}", value)
        return path

    def things(self, unknown: UUID) -> dict[str, str]:
        """What stands in the path: things of the scene where there are such, else `unknown`."""
        named = FOREIGN.get(self.name, {})
        found: dict[str, str] = {}
        for parameter in self.parameters:
            if parameter["in"] != "path":
                continue
            name, schema = parameter["name"], parameter["schema"]
            thing = named.get(name, name.removesuffix("_id"))
            if (
                thing in THINGS and self.name not in NOT_TRIED
            ):  # (of those the scene has half a thing)
                found[name] = str(THINGS[thing])
            elif schema.get("format") == "uuid":
                found[name] = str(unknown)
            elif name in named:
                found[name] = named[name]
            else:
                found[name] = "2026" if schema.get("type") == "integer" else "x"
        return found


def document_of(house: Litestar) -> dict[str, Any]:
    """The OpenAPI document, as it is served."""
    schema = msgspec.json.encode(house.openapi_schema.to_schema())
    found: dict[str, Any] = msgspec.json.decode(schema)
    return found


def every(house: Litestar) -> Iterator[Operation]:
    """All of them, in the order of the document."""
    document = document_of(house)
    guards = {
        str(handler.operation_id): next(
            (g.roles for g in handler.resolve_guards() if isinstance(g, requires)), frozenset()
        )
        for _, handler in handlers(house)
    }
    for path, method, told in operations(document):
        name = told["operationId"]
        content = (told.get("requestBody") or {"content": {}})["content"]
        media, described = next(iter(content.items()), (None, {}))
        yield Operation(
            name=name,
            method=method.upper(),
            path=path,
            parameters=tuple(told.get("parameters", ())),
            media=media,
            schema=described.get("schema"),
            example=described.get("example"),
            answers={int(s): _codes(r) for s, r in told["responses"].items()},
            streams=any(STREAM in r.get("content", {}) for r in told["responses"].values()),
            roles=guards[name],
            headers=HEADERS.get(name, {}),
        )


def _codes(response: dict[str, Any]) -> frozenset[str]:
    problem = response.get("content", {}).get("application/problem+json", {})
    return frozenset(problem.get("examples") or {})


def seat(role: Role) -> dict[str, Any]:
    """Whose session a role has in the scene: its first clinic's, Aigul's, the Fund's."""
    if role is Role.INSURED:
        return {"person_id": AIGUL}
    return {"bin": CLINIC_BIN if role in _TENANTS else ISSUER_BIN}
