"""docs/permissions.md: who may call what. Written anew by `.venv/bin/python -m tests.architecture.permissions`.

The page is reviewed, the code is held to it: a guard that widens by accident changes a line a reader sees.
"""

from collections.abc import Iterator

from litestar import Litestar

from backend.app.asgi import create_app
from backend.kernel.actor import EXECUTOR, ISSUER, Role
from backend.kernel.config import Config, Mode
from backend.web.guards import requires
from tests.architecture.house import ROOT
from tests.architecture.test_handlers import handlers

PAGE = ROOT / "docs" / "permissions.md"
_HEAD = """# Permissions

Every operation of the API and who may call it: the permission matrix (domain chapter 2) as the guards hold it.
Written by `.venv/bin/python -m tests.architecture.permissions`; `tests/architecture/test_permissions.py` compares it
with the guards, `tests/foreign/test_matrix.py` asks with every other role and wants a refusal, and
`tests/foreign/test_foreign_ids.py` asks for what belongs to somebody else. `everyone`: any session; `guest`: without one.
*Scope* is what a citizen's session must hold besides.

| operation | address | who | scope |
|---|---|---|---|
"""


def rows(house: Litestar) -> Iterator[tuple[str, str, str, str]]:
    """(operation, method and address, who, scope), by address."""
    found = []
    for path, handler in handlers(house):
        if handler.operation_id is None:
            continue
        [method] = set(handler.http_methods) - {"OPTIONS", "HEAD"}
        guards = [g for g in handler.resolve_guards() if isinstance(g, requires)]
        who = told(guards[0].roles) if guards else "guest"
        scope = guards[0].scope.value if guards and guards[0].scope else ""
        found.append((path, method, str(handler.operation_id), who, scope))
    for path, method, name, who, scope in sorted(found):
        yield name, f"{method} {path}", who, scope


def told(roles: frozenset[Role]) -> str:
    """Roles in words, whole groups by one."""
    if roles == frozenset(Role):
        return "everyone"
    words, left = [], set(roles)
    for name, group in (("issuer", ISSUER), ("executor", EXECUTOR)):
        if group <= left:
            words.append(f"{name}_*")
            left -= group
    return ", ".join(sorted([*words, *left]))


def page(house: Litestar) -> str:
    """The whole page."""
    return _HEAD + "".join(f"| {n} | `{a}` | {w} | {s} |\n" for n, a, w, s in rows(house))


if __name__ == "__main__":
    PAGE.write_text(page(create_app(Config(mode=Mode.TEST))), encoding="utf-8")
