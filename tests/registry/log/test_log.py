"""The log as its writers, its verifier and an attacker who owns the database see it."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Databases
from backend.registry.log import service
from backend.registry.log.model import BasisKind, Broken, Damage, NewOperation, OpClass
from backend.registry.log.verify import verify

FIRST, SECOND, THIRD = (UUID(int=n << 96) for n in (1, 2, 3))


def operation(subject: UUID, note: object, clock: FixedClock) -> NewOperation:
    return NewOperation(
        subject_id=subject,
        op_class=OpClass.ACCOUNT,
        op_type="CHANGE",
        at=clock.now(),
        actor="mis:123456789012",
        basis_kind=BasisKind.EVENT,
        basis_id=str(uuid4()),
        content={"before": None, "after": {"note": note}},
    )


@pytest.fixture
async def written(db_registry: Db, clock: FixedClock) -> None:
    """Three chains of four, five and one operations."""
    subjects = [FIRST] * 4 + [SECOND] * 5 + [THIRD]
    async with db_registry.transaction() as tx:
        await service.append(
            tx, [operation(s, f"{n} қазақша", clock) for n, s in enumerate(subjects)]
        )


async def test_every_operation_is_chained_and_verified(db_registry: Db, written: None) -> None:
    chain = await service.of_subject(db_registry, SECOND)
    assert [o.seq for o in chain] == [1, 2, 3, 4, 5]
    assert all(later.previous == earlier.hash for earlier, later in pairwise(chain))
    found = await verify(db_registry)
    assert found.ok
    assert found.operations == 10


async def test_an_empty_log_is_sound(db_registry: Db) -> None:
    found = await verify(db_registry)
    assert (found.ok, found.operations, found.root) == (True, 0, sha256(b"").hexdigest())


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
            "TRUNCATE registry.operation",
            "DELETE FROM registry.log_head",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.pool.execute(sql)
    assert (await verify(databases.registry)).operations == 2


async def test_even_the_owner_is_told_no(owner: Any, written: None) -> None:
    for sql in (
        "UPDATE registry.operation SET actor = 'me'",
        "DELETE FROM registry.operation",
        "TRUNCATE registry.operation",
        "TRUNCATE registry.operation_p03",
        "DELETE FROM registry.operation_p00",
    ):
        await owner.execute(
            "INSERT INTO registry.operation SELECT gen_random_uuid(), 1, 'ACCOUNT', 'X', at, actor,"
            " basis_kind, basis_id, content, previous, hash FROM registry.operation LIMIT 40"
        )
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(sql)


REHASH = """
    UPDATE registry.operation SET hash = sha256(previous || registry.operation_bytes(
        subject_id, seq, at, op_class, op_type, actor, basis_kind, basis_id, content))
     WHERE subject_id = $1 AND seq = $2
"""
ATTACKS = {
    "edited": ("UPDATE registry.operation SET content = '{}' WHERE subject_id = $1 AND seq = 3", 3),
    "re-attributed": (
        "UPDATE registry.operation SET actor = 'x' WHERE subject_id = $1 AND seq = 1",
        1,
    ),
    "back-dated": (
        "UPDATE registry.operation SET at = at - interval '1 us' WHERE subject_id = $1 AND seq = 2",
        2,
    ),
    "deleted inside": ("DELETE FROM registry.operation WHERE subject_id = $1 AND seq = 2", 2),
    "deleted at the start": ("DELETE FROM registry.operation WHERE subject_id = $1 AND seq = 1", 1),
    "cut off": ("DELETE FROM registry.operation WHERE subject_id = $1 AND seq >= 4", 4),
    "chain deleted": ("DELETE FROM registry.operation WHERE subject_id = $1", 1),
    "head deleted": ("DELETE FROM registry.log_head WHERE subject_id = $1", 1),
    "head set back": (
        "UPDATE registry.log_head SET seq = 4, hash = (SELECT hash FROM registry.operation"
        " WHERE subject_id = $1 AND seq = 4) WHERE subject_id = $1",
        5,
    ),
    "inserted": (
        "INSERT INTO registry.operation SELECT subject_id, 6, op_class, op_type, at, actor,"
        " basis_kind, basis_id, content, hash, sha256(hash || registry.operation_bytes(subject_id,"
        " 6, at, op_class, op_type, actor, basis_kind, basis_id, content))"
        " FROM registry.operation WHERE subject_id = $1 AND seq = 5",
        6,
    ),
    "swapped": (
        "UPDATE registry.operation o SET content = (SELECT content FROM registry.operation p"
        " WHERE p.subject_id = $1 AND p.seq = 7 - o.seq) WHERE subject_id = $1 AND seq IN (3, 4)",
        3,
    ),
}


async def test_the_owner_of_the_database_is_found_out(
    db_registry: Db, owner: Any, written: None
) -> None:
    await _disarm(owner)
    await _keep(owner)
    for attack, (sql, place) in ATTACKS.items():
        await owner.execute(sql, SECOND)
        found = await verify(db_registry)
        assert not found.ok, attack
        assert found.broken is not None
        assert (found.broken.subject_id, found.broken.seq) == (SECOND, place), attack
        await _restore(owner)
        assert (await verify(db_registry)).ok


async def test_a_hash_made_to_fit_gives_its_operation_away(
    db_registry: Db, owner: Any, written: None
) -> None:
    await _disarm(owner)
    await _keep(owner)
    for seq in (1, 2, 5):
        await owner.execute(
            "UPDATE registry.operation SET content = '{}' WHERE subject_id = $1 AND seq = $2",
            SECOND,
            seq,
        )
        await owner.execute(REHASH, SECOND, seq)
        found = await verify(db_registry)
        assert found.broken is not None
        assert found.broken == Broken(Damage.CHANGED, SECOND, seq)
        await _restore(owner)


async def test_a_vanished_chain_is_found_by_what_was_published(
    db_registry: Db, owner: Any, clock: FixedClock, written: None
) -> None:
    assert await service.publish_root(db_registry, clock)
    await _disarm(owner)
    await owner.execute("DELETE FROM registry.operation WHERE subject_id = $1", THIRD)
    await owner.execute("DELETE FROM registry.log_head WHERE subject_id = $1", THIRD)
    found = await verify(db_registry)
    assert found.broken is not None
    assert found.broken.damage is Damage.SHORTENED
    async with db_registry.transaction() as tx:
        await service.append(tx, [operation(THIRD, "instead", clock)])
    found = await verify(db_registry)
    assert found.broken is not None
    assert found.broken.damage is Damage.ROOT_DIFFERS


async def test_the_root_is_published_hourly_and_only_when_the_log_grew(
    db_registry: Db, clock: FixedClock, written: None
) -> None:
    assert (await service.published_root(db_registry)).published_at is None
    assert await service.publish_root(db_registry, clock)
    assert not await service.publish_root(db_registry, clock)
    clock.advance(timedelta(hours=2))
    assert not await service.publish_root(db_registry, clock)
    async with db_registry.transaction() as tx:
        await service.append(tx, [operation(FIRST, "more", clock)])
    assert await service.publish_root(db_registry, clock)
    published = await service.published_root(db_registry)
    assert published.operations == 11
    assert published.root == (await verify(db_registry)).root


async def _disarm(owner: Any) -> None:
    """An owner can switch the triggers off for his session."""
    await owner.execute("SET session_replication_role = replica")


async def _keep(owner: Any) -> None:
    for table in ("operation", "log_head"):
        await owner.execute(f"CREATE TABLE public.kept_{table} AS TABLE registry.{table}")


async def _restore(owner: Any) -> None:
    for table in ("operation", "log_head"):
        await owner.execute(f"DELETE FROM registry.{table}")
        await owner.execute(f"INSERT INTO registry.{table} TABLE public.kept_{table}")
