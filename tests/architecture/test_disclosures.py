"""Whom an answer tells about: every operation says it, and none says "nothing" of a person it names.

That those which tell about somebody else note it is proved in tests/registry/access_record.
"""

import typing
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from backend.app.asgi import create_app
from backend.kernel.actor import Role
from backend.kernel.config import Config, Mode
from backend.web.guards import requires
from backend.web.openapi import DISCLOSES, Disclosure
from tests.architecture.test_handlers import handlers

# Fields that tell who an insured person is, or whose a row is.
PERSONAL = {
    "iin", "person_id", "surname", "patronymic", "full_name", "birth_date", "document_no", "phone",
}  # fmt: skip
# An organisation's own head and contacts, told to itself.
OF_AN_ORGANISATION = {
    "GetOwnOrganisation", "RegisterOrganisation", "ChangeOrganisation", "SignAgreement", "WithdrawAgreement",
    "DeclareReadiness", "ChangeIssuer",
}  # fmt: skip


@pytest.fixture(scope="module")
def house() -> Litestar:
    return create_app(Config(mode=Mode.TEST))


def operations(house: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    for path, handler in handlers(house):
        if handler.operation_id is not None and handler.resolve_include_in_schema():
            yield path, handler


def is_plain_reading(path: str, handler: HTTPRouteHandler) -> bool:
    """GET of an address without anything to fill in."""
    return "GET" in handler.http_methods and "{" not in path


def test_every_operation_says_what_it_discloses(house: Litestar) -> None:
    silent = [
        f"{handler.operation_id} ({path})"
        for path, handler in operations(house)
        if handler.opt.get(DISCLOSES) not in typing.get_args(Disclosure)
    ]
    assert not silent, (
        'operation(…, discloses="nothing" | "own" | "person") is missing for:\n' + "\n".join(silent)
    )


def test_what_discloses_nothing_has_no_personal_field(house: Litestar) -> None:
    wrong = [
        f"{handler.operation_id}: {', '.join(sorted(found))}"
        for _, handler in operations(house)
        if handler.opt[DISCLOSES] == "nothing"
        and handler.operation_id not in OF_AN_ORGANISATION
        and (found := set(fields(handler.parsed_fn_signature.return_type.annotation)) & PERSONAL)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_own_record_is_read_by_the_insured_alone_and_anothers_by_nobody_unnamed(
    house: Litestar,
) -> None:
    for path, handler in operations(house):
        kind = handler.opt[DISCLOSES]
        roles = [g.roles for g in handler.resolve_guards() if isinstance(g, requires)]
        if kind == "own":
            assert roles == [frozenset({Role.INSURED})], path
        if kind == "person":
            assert roles, path
            assert Role.INSURED not in roles[0], path


def fields(shape: Any) -> Iterator[str]:
    """The names of all fields of an answer's type, however deep."""
    yield from _fields(shape, set())


def _fields(shape: Any, seen: set[Any]) -> Iterator[str]:
    for part in typing.get_args(shape):
        yield from _fields(part, seen)
    kind = typing.get_origin(shape) or shape
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)) or kind in seen:
        return
    seen.add(kind)
    for field in msgspec.structs.fields(kind):
        yield field.encode_name
        yield from _fields(field.type, seen)


def test_a_personal_field_is_found_wherever_it_stands() -> None:
    class Inner(msgspec.Struct):
        iin: str

    class Outer(msgspec.Struct):
        items: list[dict[str, Inner | None]]

    assert set(fields(list[Outer])) & PERSONAL == {"iin"}
