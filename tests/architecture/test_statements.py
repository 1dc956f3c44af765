"""Every SQL constant runs on the migrated schema, under its own wing's role, into its own struct."""

import ast
import re
import types
import typing
from pathlib import Path

import asyncpg
import msgspec
import pytest

from backend.app.resources import WINGS
from backend.kernel.db import Db
from backend.kernel.resources import Databases
from backend.payments.act import queries as acts
from tests.architecture.house import ROOT, statements

# Whose pool runs what does not stand in a wing.
ROLE_OF = {
    "backend.kernel.deadlines": "registry",
    "backend.kernel.jobs": "registry",
    "backend.kernel.events": "registry",
    "backend.kernel.heartbeats": "registry",
    "backend.kernel.keys": "registry",
    "backend.egov_adapter": "egov",
    "backend.app.freshness.of_registry": "registry",
    "backend.app.freshness.of_allocation": "allocation",
    "backend.app.freshness.of_payments": "payments",
    "backend.payments.mark": "egov",  # within the citizen's own transaction
}
# The demo sets the clock as the database's owner; production has no such row.
OWNERS = {("backend.kernel.simulated_clock", "SET")}
CLOCKS = re.compile(
    r"\b(now\s*\(|clock_timestamp|statement_timestamp|transaction_timestamp|current_timestamp"
    r"|current_date|current_time|localtime)",
    re.IGNORECASE,
)
# The health check compares the database's clock with ours: that is what it is for.
MAY_ASK_THE_TIME = {("backend.app.health", "DATABASE_NOW")}
SQL = re.compile(r"\b(SELECT\s|INSERT\s+INTO|UPDATE\s+\w+.*\sSET|DELETE\s+FROM)", re.DOTALL)


def role_of(module: str) -> str:
    for prefix, role in ROLE_OF.items():
        if module.startswith(prefix):
            return role
    wing = module.split(".")[1]
    return wing if wing in WINGS else "signing"


def test_there_is_something_to_look_at() -> None:
    assert len(list(statements())) > 150


def struct_of(shape: object) -> type[msgspec.Struct] | None:
    origin = typing.get_origin(shape) or shape
    if shape is typing.Any:
        return None  # raw rows, streamed to a verifier that reads them by name
    is_struct = isinstance(origin, type) and issubclass(origin, msgspec.Struct)
    return origin if is_struct else None


async def test_each_statement_fits_the_schema_and_its_struct(databases: Databases) -> None:
    wrong = []
    for module, name, query in statements():
        pool: Db = getattr(databases, role_of(module))
        async with pool.pool.acquire() as connection, connection.transaction():
            if "pg_temp." in query.sql:
                await connection.execute(acts.CREATE_STAGE.sql)
            try:
                prepared = await connection.prepare(query.sql)
            except asyncpg.PostgresError as e:
                wrong.append(f"{module}.{name}: {e}")
                continue
            columns = [a.name for a in prepared.get_attributes() if a.type.name != "void"]
        struct = struct_of(query.shape)
        if struct is not None:
            fields = [f.name for f in msgspec.structs.fields(struct)]
            if columns != fields:
                wrong.append(f"{module}.{name}: columns {columns}, fields {fields}")
        elif query.shape in (None, types.NoneType):
            if columns:
                wrong.append(f"{module}.{name}: returns {columns}, says it returns nothing")
        elif len(columns) != 1 and query.shape is not typing.Any:
            wrong.append(f"{module}.{name}: one column was promised, there are {columns}")
    assert not wrong, "\n".join(wrong)


async def test_each_statement_is_allowed_to_its_wing(databases: Databases) -> None:
    """EXPLAIN of a generic plan asks for the same permissions as the run."""
    wrong = []
    for module, name, query in statements():
        if (module, name) in OWNERS:
            continue
        pool: Db = getattr(databases, role_of(module))
        try:
            async with pool.pool.acquire() as connection, connection.transaction():
                if "pg_temp." in query.sql:
                    await connection.execute(acts.CREATE_STAGE.sql)
                await connection.execute(f"EXPLAIN (GENERIC_PLAN) {query.sql}")
        except asyncpg.PostgresError as e:
            wrong.append(f"{module}.{name} as {pool.role}: {e}")
    assert not wrong, "\n".join(wrong)


def test_no_statement_asks_the_database_what_time_it_is() -> None:
    assert [
        f"{module}.{name}"
        for module, name, query in statements()
        if CLOCKS.search(query.sql) and (module, name) not in MAY_ASK_THE_TIME
    ] == []


def test_no_statement_takes_every_column_or_is_put_together() -> None:
    assert [
        f"{module}.{name}"
        for module, name, query in statements()
        if re.search(r"SELECT\s+(\w+\.)?\*", query.sql)
    ] == []


@pytest.mark.parametrize("folder", ["backend", "bot"])
def test_sql_is_a_constant(folder: str) -> None:
    """No f-string, no `+`, no `%`, no `.format` builds a statement."""
    built = []
    for file in sorted((ROOT / folder).rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if any(SQL.search(text) for text in _built_texts(node)):
                built.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert built == []


def _built_texts(node: ast.AST) -> list[str]:
    parts: list[ast.AST] = []
    if isinstance(node, ast.JoinedStr) and any(
        isinstance(v, ast.FormattedValue) for v in node.values
    ):
        parts = list(node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        parts = [node.left, node.right]
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("format", "replace", "join", "substitute")
    ):
        parts = [node.func.value, *node.args]
    return [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]


def test_migrations_are_the_only_sql_files_and_numbered_once() -> None:
    files = sorted(p.relative_to(ROOT) for p in ROOT.rglob("*.sql") if ".venv" not in p.parts)
    assert {p.parent for p in files} == {Path("infra/migrations")}
    assert len({p.name[:4] for p in files}) == len(files)
