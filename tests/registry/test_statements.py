"""Every statement of the wing is valid, and gives the columns its struct names, in their order."""

import importlib
import pkgutil
from typing import Any

import msgspec

from backend import registry
from backend.kernel.db import Db, Query


def statements() -> list[tuple[str, Query[Any]]]:
    found = []
    for module in pkgutil.walk_packages(registry.__path__, "backend.registry."):
        if "queries" in module.name.split("."):
            loaded = importlib.import_module(module.name)
            for name, held in vars(loaded).items():
                # of statements that differ in the partition they name, the first and the last
                some = (held[0], held[-1]) if isinstance(held, tuple) and held else (held,)
                found += [(f"{module.name}.{name}", q) for q in some if isinstance(q, Query)]
    return found


async def test_columns_are_the_fields(db_registry: Db) -> None:
    assert len(statements()) > 50
    async with db_registry.transaction() as tx:
        for name, query in statements():
            prepared = await tx.connection.prepare(query.sql)
            columns = [attribute.name for attribute in prepared.get_attributes()]
            shape = query.shape
            if shape is type(None):
                continue
            if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
                assert columns == [f.name for f in msgspec.structs.fields(shape)], name
            elif shape is not Any:
                assert len(columns) == 1, name
