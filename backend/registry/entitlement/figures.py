"""The law's figures as the database has them, kept for half a minute: rows are added once a year."""

import time
from typing import Final
from weakref import WeakKeyDictionary

from backend.kernel.db import Db, Executor
from backend.kernel.money import Tiyn
from backend.registry.entitlement import queries
from backend.registry.entitlement.law import Law

KEPT_S: Final = 30.0
_kept: WeakKeyDictionary[Db, tuple[float, Law]] = WeakKeyDictionary()


async def current(where: Executor) -> Law:
    """Wages, rates and categories in force; not older than KEPT_S outside a transaction."""
    if not isinstance(where, Db):
        return await read(where)
    kept = _kept.get(where)
    if kept is None or time.monotonic() - kept[0] > KEPT_S:
        kept = _kept[where] = (time.monotonic(), await read(where))
    return kept[1]


async def read(where: Executor) -> Law:
    """The figures as they stand in the database now."""
    wages = await queries.WAGES.all(where)
    return Law(
        minimum_wages={row.year: Tiyn(row.amount_tiyn) for row in wages},
        rates=tuple(await queries.RATES.all(where)),
        categories=tuple(await queries.PRIVILEGE_CATEGORIES.all(where)),
    )


def forget(db: Db) -> None:
    """Something was entered: read anew."""
    _kept.pop(db, None)
