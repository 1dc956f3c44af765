"""The log as its writers see it: chained, and closed to everybody who would change it."""

import asyncio
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Databases
from backend.registry.log import service
from backend.registry.log.verify import verify
from tests.registry.log.conftest import FIRST, SECOND, THIRD, operation


async def test_every_operation_is_chained_and_verified(db_registry: Db, written: None) -> None:
    chain = await service.of_subject(db_registry, SECOND)
    assert [o.seq for o in chain] == [1, 2, 3, 4, 5]
    assert all(later.previous == earlier.hash for earlier, later in pairwise(chain))
    found = await verify(db_registry)
    assert (found.ok, found.operations) == (True, 10)


async def test_writers_of_the_same_chains_queue_up(db_registry: Db, clock: FixedClock) -> None:
    async def write(n: int) -> None:
        async with db_registry.transaction() as tx:
            subjects = [FIRST, SECOND, THIRD][:: 1 if n % 2 else -1]
            await service.append(tx, [operation(s, n, clock) for s in subjects])

    await asyncio.gather(*(write(n) for n in range(20)))
    assert [o.seq for o in await service.of_subject(db_registry, FIRST)] == list(range(1, 21))
    assert (await verify(db_registry)).ok


async def test_payments_and_egov_may_write_and_nobody_may_change(
    databases: Databases, clock: FixedClock
) -> None:
    for db in (databases.payments, databases.egov):
        async with db.transaction() as tx:
            await service.append(tx, [operation(FIRST, "used", clock)])
    for db in (databases.registry, databases.payments, databases.egov):
        for sql in (
            "UPDATE registry.operation SET actor = 'me'",
            "DELETE FROM registry.operation",
            "TRUNCATE registry.operation CASCADE",
            "DELETE FROM registry.log_head",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.pool.execute(sql)
    assert (await verify(databases.registry)).operations == 2


async def test_even_the_owner_is_told_no(owner: Any, written: None) -> None:
    for sql in (
        "UPDATE registry.operation SET actor = 'me'",
        "DELETE FROM registry.operation",
        "TRUNCATE registry.operation CASCADE",
        "TRUNCATE registry.operation_p03 CASCADE",
        "DELETE FROM registry.operation_p00",
    ):
        await owner.execute(
            "INSERT INTO registry.operation SELECT gen_random_uuid(), 1, 'ACCOUNT', 'X', at, actor,"
            " basis_kind, basis_id, content, previous, hash FROM registry.operation LIMIT 40"
        )
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(sql)
