"""Every statement of the wing works under the wing's own role and fits the struct it fills."""

import importlib
import pkgutil

import msgspec

import backend.payments
from backend.kernel.db import Query
from backend.kernel.resources import Databases


async def test_statements_fit_their_structs(databases: Databases) -> None:
    seen = 0
    async with databases.payments.pool.acquire() as connection:
        for module in pkgutil.walk_packages(backend.payments.__path__, "backend.payments."):
            if not module.name.endswith("queries"):
                continue
            for name, query in vars(importlib.import_module(module.name)).items():
                if not isinstance(query, Query) or "pg_temp." in query.sql:
                    continue  # a table of its own transaction: its room's tests run it
                seen += 1
                statement = await connection.prepare(query.sql)
                shape = query.shape
                if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
                    fields = [f.name for f in msgspec.structs.fields(shape)]
                    columns = [a.name for a in statement.get_attributes()]
                    assert columns == fields, f"{module.name}.{name}"
    assert seen > 80
