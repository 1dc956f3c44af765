"""Who may call what is declared (docs/permissions.md), and whose ids an operation takes (tests/foreign/table.py).

A new route fails here until it joins, in two steps: `.venv/bin/python -m tests.architecture.permissions` writes the
page (look at the line it adds), and a line in `tests/foreign/table.py` says whose ids it takes.
"""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from backend.app.asgi import create_app
from backend.kernel.actor import Role
from backend.kernel.config import Config, Mode
from backend.web.guards import requires
from tests.architecture import permissions
from tests.architecture.test_handlers import handlers
from tests.architecture.test_requirements import NODE, ROOT, named_in
from tests.foreign.table import ELSEWHERE, FOREIGN, NOBODYS, OWNERS


@pytest.fixture(scope="module")
def house() -> Litestar:
    return create_app(Config(mode=Mode.TEST))


def test_the_guards_are_those_of_the_declared_table(house: Litestar) -> None:
    declared = set(permissions.PAGE.read_text("utf-8").splitlines())
    real = set(permissions.page(house).splitlines())
    assert declared == real, (
        "run `.venv/bin/python -m tests.architecture.permissions` and look at what it changes:\n"
        + "\n".join(sorted(declared ^ real))
    )


def test_what_a_citizen_changes_names_its_scope(house: Litestar) -> None:
    silent = [
        str(handler.operation_id)
        for _, handler in handlers(house)
        for guard in handler.resolve_guards()
        if isinstance(guard, requires)
        and guard.roles == {Role.INSURED}
        and "GET" not in handler.http_methods
        and guard.said is None
    ]
    assert not silent, "requires(Role.INSURED, scope=Scope.…) is missing: " + ", ".join(silent)


def owned(house: Litestar) -> Iterator[tuple[str, HTTPRouteHandler, frozenset[Role]]]:
    """Operations that take an id or a body from roles that own things, with those roles."""
    for path, handler in handlers(house):
        roles = [g.roles for g in handler.resolve_guards() if isinstance(g, requires)]
        if not roles or handler.operation_id is None or not roles[0] & OWNERS:
            continue
        if "{" in path or handler.parsed_data_field is not None:
            yield path, handler, roles[0]


def test_every_operation_that_takes_an_id_says_whose_it_is(house: Litestar) -> None:
    taking = {str(handler.operation_id) for _, handler, _ in owned(house)}
    tables = (FOREIGN.keys(), ELSEWHERE.keys(), NOBODYS.keys())
    missing = taking - set().union(*tables)
    assert not missing, "say in tests/foreign/table.py whose ids they take: " + ", ".join(
        sorted(missing)
    )
    assert sum(map(len, tables)) == len(taking), "named twice, or gone: " + ", ".join(
        sorted(set().union(*tables) - taking)
    )


def test_what_is_proved_elsewhere_is_proved() -> None:
    for name, node in ELSEWHERE.items():
        found = NODE.fullmatch(f"`{node}`")
        assert found, name
        assert (ROOT / found[1]).is_file(), node
        assert found[2] in named_in(found[1]), node
