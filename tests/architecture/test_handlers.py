"""Every operation of the API: guarded, named, explained, with examples that work and its refusals."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from openapi_spec_validator import OpenAPIV31SpecValidator

from backend.app.asgi import create_app
from backend.kernel.config import Config, Mode
from backend.web.guards import public, requires
from tests.architecture.house import refusals

# A personal number never stands in a URL (CONTRACT): nor does a parameter that could carry one.
PERSONAL = re.compile(
    r"iin|phone|surname|patronymic|document_no|passport|email|birth", re.IGNORECASE
)
FRAMEWORK = ("/schema", "/metrics")


@pytest.fixture(scope="module")
def house() -> Litestar:
    return create_app(Config(mode=Mode.TEST))


@pytest.fixture(scope="module")
def schema(house: Litestar) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode(house.openapi_schema.to_schema())
    )
    return found


def handlers(house: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in house.routes:
        if isinstance(route, HTTPRoute) and not route.path.startswith(FRAMEWORK):
            for handler in route.route_handlers:
                if "OPTIONS" not in handler.http_methods:
                    yield route.path, handler


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "patch", "delete"):
                yield path, method, operation


def shown(schema: dict[str, Any], example: dict[str, Any]) -> Any:
    """The value of an example, which may stand elsewhere."""
    name = example.get("$ref", "").rpartition("/")[2]
    return (schema["components"]["examples"][name] if name else example)["value"]


def test_every_handler_says_who_may_call_it(house: Litestar) -> None:
    found = list(handlers(house))
    assert len(found) > 60
    wrong = [
        path
        for path, handler in found
        if sum(g is public or isinstance(g, requires) for g in handler.resolve_guards()) != 1
    ]
    assert not wrong, "\n".join(wrong)


def test_no_guard_is_empty(house: Litestar) -> None:
    for path, handler in handlers(house):
        for guard in handler.resolve_guards():
            assert not isinstance(guard, requires) or guard.roles, path


def test_every_operation_is_named_once_and_explained(schema: dict[str, Any]) -> None:
    names: list[str] = []
    wrong = []
    for path, method, operation in operations(schema):
        names.append(operation["operationId"])
        complete = (
            re.fullmatch(r"[A-Z][A-Za-z0-9]+", operation["operationId"])
            and operation.get("summary", "").strip()
            and operation.get("description", "").strip()
            and operation.get("tags")
        )
        if not complete:
            wrong.append(f"{method} {path}")
    assert not wrong, "\n".join(wrong)
    assert len(names) == len(set(names))


def test_every_body_and_answer_has_an_example(schema: dict[str, Any]) -> None:
    wrong = []
    for path, method, operation in operations(schema):
        body = operation.get("requestBody")
        media = list(body["content"].values()) if body else []
        for status, response in operation["responses"].items():
            media += response.get("content", {}).values() if status.startswith("2") else []
        if not all("example" in m or m.get("examples") for m in media):
            wrong.append(f"{method} {path}")
    assert not wrong, "\n".join(wrong)


def test_every_operation_declares_its_refusals(schema: dict[str, Any], house: Litestar) -> None:
    known = {r.code for r in refusals()}
    wrong = []
    for path, method, operation in operations(schema):
        if path.startswith("/health"):
            continue
        codes: set[str] = set()
        for status, response in operation["responses"].items():
            if not status.startswith(("4", "5")):
                continue
            problem = response.get("content", {}).get("application/problem+json", {})
            for example in (problem.get("examples") or {}).values():
                document = shown(schema, example)
                assert document["status"] == int(status), path
                codes.add(document["code"])
        guarded = bool(operation.get("security"))
        if (
            not codes
            or not codes <= known
            or guarded != ({"UNAUTHENTICATED", "FORBIDDEN"} <= codes)
        ):
            wrong.append(f"{method} {path}: {sorted(codes)}")
    assert not wrong, "\n".join(wrong)


def test_guests_are_let_in_only_where_it_is_said(schema: dict[str, Any], house: Litestar) -> None:
    guarded = {
        handler.operation_id: not any(g is public for g in handler.resolve_guards())
        for _, handler in handlers(house)
    }
    for path, method, operation in operations(schema):
        wanted = guarded[operation["operationId"]]
        assert bool(operation.get("security")) == wanted, f"{method} {path}"


def test_the_examples_work(house: Litestar, schema: dict[str, Any]) -> None:
    by_name = {o["operationId"]: o for _, _, o in operations(schema)}
    wrong = []
    for path, handler in handlers(house):
        if handler.operation_id is None and not handler.resolve_include_in_schema():
            continue  # a page for people
        operation = by_name[str(handler.operation_id)]
        for media in (operation.get("requestBody") or {"content": {}})["content"].values():
            field = handler.parsed_data_field
            if field is None or "example" not in media:
                continue
            try:
                msgspec.json.decode(msgspec.json.encode(media["example"]), type=field.annotation)
            except msgspec.ValidationError as e:
                wrong.append(f"{path} body: {e}")
    assert not wrong, "\n".join(wrong)


def test_the_examples_pass_their_own_schemas(schema: dict[str, Any]) -> None:
    """What the document shows is what it describes: bodies, answers, refusals."""
    wrong = []
    shared = {"components": schema["components"]}
    for path, method, operation in operations(schema):
        told = [operation.get("requestBody") or {}, *operation["responses"].values()]
        for media in (m for part in told for m in part.get("content", {}).values()):
            examples = [media["example"]] if "example" in media else []
            for named in (media.get("examples") or {}).values():
                name = named.get("$ref", "").rpartition("/")[2]
                examples.append(
                    (schema["components"]["examples"][name] if name else named)["value"]
                )
            validator = Draft202012Validator(
                {**media.get("schema", {}), **shared}, format_checker=FormatChecker()
            )
            wrong += [
                f"{method} {path}: {error.json_path} {error.message[:200]}"
                for example in examples
                for error in validator.iter_errors(example)
            ]
    assert not wrong, "\n".join(wrong)


def test_every_struct_taken_is_closed(schema: dict[str, Any]) -> None:
    """A misspelt key of a body is refused, and the document says so."""
    named = schema["components"]["schemas"]
    open_ones, seen = set(), set()

    def look(part: Any) -> None:
        if isinstance(part, list):
            for inner in part:
                look(inner)
        elif isinstance(part, dict):
            name = part.get("$ref", "").rpartition("/")[2] if "$ref" in part else ""
            if name and name not in seen:
                seen.add(name)
                if named[name].get("properties") and named[name].get("additionalProperties", True):
                    open_ones.add(name)
                look(named[name])
            for inner in part.values():
                look(inner)

    for path, _, operation in operations(schema):
        if not path.startswith("/api/v1/egov-qr/phone/"):  # eGov Mobile adds what it likes
            look(
                [
                    m.get("schema")
                    for m in (operation.get("requestBody") or {}).get("content", {}).values()
                ]
            )
    assert len(seen) > 60
    assert not open_ones


def test_the_document_is_valid_openapi(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(schema).validate()


def test_no_address_can_carry_a_personal_number(schema: dict[str, Any]) -> None:
    wrong = [
        f"{method} {path}: {parameter['name']}"
        for path, method, operation in operations(schema)
        for parameter in operation.get("parameters", [])
        if parameter["in"] in ("path", "query") and PERSONAL.search(parameter["name"])
    ]
    assert not wrong, "\n".join(wrong)


async def test_it_is_served(client: Any) -> None:
    async with client() as http:
        answer = await http.get("/schema/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Saqtau"


def test_the_document_is_the_same_whichever_application_is_asked() -> None:
    """Describing one must not change what the next is made of."""
    first, second = (
        create_app(Config(mode=Mode.TEST)).openapi_schema.to_schema() for _ in range(2)
    )
    assert first == second
