"""The OpenAPI document made whole: what every operation may answer besides its own, and structs that are closed.

What a route says of itself (`openapi.operation`) are its own refusals. What the house answers for all of them, by
their method, body and parameters, is added here, and every refusal's example stands once.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import msgspec
from litestar._openapi.schema_generation.plugins.struct import StructSchemaPlugin
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import OpenAPI, Schema

from backend.kernel.calendar import DateOutOfRange
from backend.kernel.errors import Invalid, NotFound, Refusal, Unavailable
from backend.web.bodies import BodyTooLarge, EncodedBody, NotJsonBody
from backend.web.idempotency import BadKey, KeyReused, StillRunning
from backend.web.openapi import Whole
from backend.web.paging import BadCursor
from backend.web.problems import PROBLEM_JSON, problem, status_of

_METHODS = ("get", "post", "put", "patch", "delete")
_EXAMPLES = "#/components/examples/"


class NoSuchRoute(NotFound):
    """The address is none of the service's: an id in it is not of its form."""

    code = "NO_SUCH_ROUTE"


class StoreUnavailable(Unavailable):
    """The database or Valkey is away for the moment."""

    code = "STORE_UNAVAILABLE"


class ClosedStructs(StructSchemaPlugin):
    """Says of a struct that refuses unknown keys that it does."""

    def to_openapi_schema(self, field_definition: Any, schema_creator: Any) -> Schema:
        """The schema of a struct."""
        made = super().to_openapi_schema(field_definition, schema_creator)
        if field_definition.type_.__struct_config__.forbid_unknown_fields:
            made.additional_properties = False
        return made


class Describing(OpenAPIConfig):
    """The configuration whose document is `Described`."""

    def to_openapi_schema(self) -> OpenAPI:
        """The document before its paths are known."""
        plain = super().to_openapi_schema()
        return Described(**{f.name: getattr(plain, f.name) for f in fields(plain)})


class Described(OpenAPI):
    """The document, completed when it is written down."""

    def to_schema(self) -> dict[str, Any]:
        """The document as JSON values."""
        document = super().to_schema()
        shared = document["components"].setdefault("examples", {})
        for path, method, operation in _operations(document):
            if path.startswith("/health"):
                unwell = {
                    **operation["responses"]["200"],
                    "description": "Unwell; the answer says what",
                }
                operation["responses"].setdefault("503", unwell)
            else:
                for refusal in _common(method, operation):
                    _tell(operation["responses"], refusal)
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media in part.get("content", {}).values():
                    if isinstance(media.get("example"), Whole):
                        media["example"] = media["example"].value
                    if isinstance(media.get("example"), dict) and _is_text(media):
                        media["schema"] = {"type": "object"}  # kept as bytes, sent as they are
            for status, response in operation["responses"].items():
                if status >= "4":
                    _share(response, shared)
        for schema in document["components"]["schemas"].values():
            _speak_plainly(schema)
        return document


def _is_text(media: dict[str, Any]) -> bool:
    return bool(media.get("schema", {}).get("type") == "string")


def _speak_plainly(schema: Any) -> None:
    """As JSON Schema means it: the end of a text is not a Z; what anything may be is not one of two."""
    if isinstance(schema, dict):
        if {} in schema.get("oneOf", ()):
            schema["anyOf"] = schema.pop("oneOf")
        if isinstance(schema.get("pattern"), str):
            schema["pattern"] = schema["pattern"].replace(r"\Z", "$")
        for inner in schema.values():
            _speak_plainly(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _speak_plainly(inner)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _common(method: str, operation: dict[str, Any]) -> list[type[Refusal]]:
    """What any operation of this kind may answer."""
    found: list[type[Refusal]] = [StoreUnavailable]
    places = {p["in"] for p in operation.get("parameters", ())}
    names = {p["name"] for p in operation.get("parameters", ())}
    if method != "get":
        found += [BadKey, KeyReused, StillRunning, NotJsonBody, BodyTooLarge, EncodedBody]
        found.append(DateOutOfRange)  # a day that no calendar of ours reaches
    if "path" in places:
        found.append(NoSuchRoute)
    if "cursor" in names:
        found.append(BadCursor)
    return [*found, Invalid]  # a query of unknown parameters, too


def _tell(responses: dict[str, Any], refusal: type[Refusal]) -> None:
    status = str(status_of(refusal()))
    response = responses.get(status)
    if response is None or PROBLEM_JSON not in response.get("content", {}):
        # (the framework's own 400 is no answer of ours)
        media = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}
        response = responses[status] = {"description": "", "content": {PROBLEM_JSON: media}}
    examples = response["content"][PROBLEM_JSON].setdefault("examples", {})
    if refusal.code in examples:
        return
    examples[refusal.code] = {
        "summary": (refusal.__doc__ or refusal.code).strip(),
        "value": msgspec.to_builtins(problem(refusal(), "en")),
    }
    told = f"`{refusal.code}`"
    before = response["description"]
    response["description"] = f"{before}, {told}" if before else told


def _share(response: dict[str, Any], shared: dict[str, Any]) -> None:
    """An example that stands under many operations stands once, and they point at it."""
    for media in response.get("content", {}).values():
        for code, example in (media.get("examples") or {}).items():
            if "$ref" not in example and shared.setdefault(code, example) == example:
                media["examples"][code] = {"$ref": _EXAMPLES + code}
