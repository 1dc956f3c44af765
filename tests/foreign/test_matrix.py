"""The full role x operation matrix, asked over HTTP: nobody does what the table does not give (FAULTS 16)."""

import random
import re
from typing import Any
from uuid import uuid4

import pytest
from litestar import Litestar

from backend.app.asgi import create_app
from backend.kernel.actor import Role, Scope
from backend.kernel.config import Config, Mode
from backend.kernel.resources import Resources
from backend.web.guards import requires
from tests.architecture.test_handlers import handlers
from tests.conftest import open_session

PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
# Of each operation's forbidden roles: a few on an ordinary day, all of them when it is proved.
SIZES = [pytest.param(2, id="2"), pytest.param(len(Role), marks=pytest.mark.prove, id="all")]


def _filled(path: str) -> str:
    words = {"uuid": str(uuid4()), "int": "2026", "str": "x"}
    return PARAMETER.sub(lambda m: words[m[2]], path)


@pytest.fixture(scope="module")
def house() -> Litestar:
    return create_app(Config(mode=Mode.TEST))


@pytest.mark.parametrize("roles_each", SIZES)
async def test_a_role_that_is_not_in_the_table_is_refused(
    roles_each: int, house: Litestar, client: Any, resources: Resources
) -> None:
    tokens = {
        role: await open_session(
            resources,
            role,
            **({"person_id": uuid4()} if role is Role.INSURED else {"bin": "100140000003"}),
        )
        for role in Role
    }
    refused = 0
    async with client() as http:
        for path, handler in handlers(house):
            guards = [g for g in handler.resolve_guards() if isinstance(g, requires)]
            if not guards:
                continue
            [method] = set(handler.http_methods) - {"OPTIONS", "HEAD"}
            address = _filled(path)
            guest = await http.request(method, address)
            assert guest.status_code == 401, (method, path)
            forbidden = sorted(set(Role) - guards[0].roles)
            chosen = random.Random(path + method).sample(forbidden, min(roles_each, len(forbidden)))
            for role in chosen:
                headers = {"authorization": f"Bearer {tokens[role]}"}
                answer = await http.request(method, address, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN"), (
                    method,
                    path,
                    role,
                )
                refused += 1
    assert refused > 300


async def test_a_session_of_other_scopes_does_nothing_more(
    house: Litestar, client: Any, resources: Resources
) -> None:
    """A token that may only read cannot be turned into one that complains, visits or consents."""
    tokens = {
        scope: await open_session(
            resources, Role.INSURED, person_id=uuid4(), scopes=frozenset(Scope) - {scope}
        )
        for scope in Scope
    }
    tried = set()
    async with client() as http:
        for path, handler in handlers(house):
            for guard in handler.resolve_guards():
                if isinstance(guard, requires) and guard.scope is not None:
                    [method] = set(handler.http_methods) - {"OPTIONS", "HEAD"}
                    headers = {"authorization": f"Bearer {tokens[guard.scope]}"}
                    answer = await http.request(method, _filled(path), headers=headers)
                    assert answer.status_code == 403, (method, path)
                    tried.add(guard.scope)
    assert tried == set(Scope)
