"""The log as an attacker who owns the database leaves it, and what the verifier says."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.log import heads, queries, rules, tree
from backend.registry.log.model import Broken, Damage, TreeHead
from backend.registry.log.verify import verify
from tests.registry.log.conftest import FIRST, MANY, SECOND, THIRD, Write

TABLES = ("operation", "log_head", "log_leaf", "log_subtree", "log_pending", "log_tree_head")
Signed = Callable[[], Awaitable[TreeHead]]


@pytest.fixture
def signed(resources: Resources, clock: FixedClock) -> Signed:
    """Gives every operation its place and signs a head an hour later."""

    async def sign() -> TreeHead:
        clock.advance(timedelta(hours=1))
        await tree.seal_all(resources.db.registry)
        head = await heads.sign(resources)
        assert head is not None
        return rules.from_published(head)

    return sign


async def broken(db: Db, *outside: TreeHead) -> Broken | None:
    found = await verify(db, outside)
    assert found.ok == (found.broken is None)
    return found.broken


async def keep(owner: Any) -> None:
    for table in TABLES:
        await owner.execute(f"CREATE TABLE public.kept_{table} AS TABLE registry.{table}")


async def restore(owner: Any) -> None:
    for table in TABLES:
        await owner.execute(f"DELETE FROM registry.{table}")
        await owner.execute(
            f"INSERT INTO registry.{table} OVERRIDING SYSTEM VALUE TABLE public.kept_{table}"
            if table == "log_pending"
            else f"INSERT INTO registry.{table} TABLE public.kept_{table}"
        )


async def test_an_empty_log_is_sound(db_registry: Db) -> None:
    found = await verify(db_registry)
    assert (found.ok, found.operations, found.root) == (True, 0, sha256(b"").hexdigest())


async def test_what_waits_counts_as_it_will_stand(
    db_registry: Db, written: None, write: Write, signed: Signed
) -> None:
    before = await verify(db_registry)
    assert (before.ok, before.operations, before.sealed, before.heads) == (True, 10, 0, 0)
    head = await signed()
    after = await verify(db_registry)
    assert (after.ok, after.operations, after.sealed, after.heads) == (True, 10, 10, 1)
    assert before.root == after.root == head.root.hex()
    await write(THIRD)
    found = await verify(db_registry, [head])
    assert (found.ok, found.operations, found.sealed) == (True, 11, 10)


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
    "truncated": ("DELETE FROM registry.operation WHERE subject_id = $1 AND seq >= 4", 4),
    "chain deleted": ("DELETE FROM registry.operation WHERE subject_id = $1", 1),
    "end deleted": ("DELETE FROM registry.log_head WHERE subject_id = $1", 1),
    "end set back": (
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


@pytest.mark.parametrize("sealed", [False, True], ids=["waiting", "under a head"])
async def test_the_first_operation_touched_is_named(
    db_registry: Db, attacker: Any, written: None, signed: Signed, sealed: bool
) -> None:
    if sealed:
        await signed()
    await keep(attacker)
    for attack, (sql, place) in ATTACKS.items():
        await attacker.execute(sql, SECOND)
        found = await broken(db_registry)
        assert found is not None, attack
        assert (found.subject_id, found.seq) == (SECOND, place), attack
        await restore(attacker)
        assert await broken(db_registry) is None


REHASH = """
    UPDATE registry.operation SET hash = sha256(previous || registry.operation_bytes(
        subject_id, seq, at, op_class, op_type, actor, basis_kind, basis_id, content))
     WHERE subject_id = $1 AND seq = $2
"""
FOLLOW = """
    UPDATE registry.log_head SET hash = (SELECT hash FROM registry.operation
     WHERE subject_id = $1 AND seq = log_head.seq) WHERE subject_id = $1
"""


async def test_a_hash_made_to_fit_gives_its_operation_away(
    db_registry: Db, attacker: Any, written: None
) -> None:
    await keep(attacker)
    for seq in (1, 2, 5):
        await attacker.execute(
            "UPDATE registry.operation SET content = '{}' WHERE subject_id = $1 AND seq = $2",
            SECOND,
            seq,
        )
        await attacker.execute(REHASH, SECOND, seq)
        assert await broken(db_registry) == Broken(Damage.CHANGED, SECOND, seq)
        await restore(attacker)


async def test_a_chain_made_to_fit_does_not_fit_the_tree(
    db_registry: Db, attacker: Any, written: None, signed: Signed
) -> None:
    """Hash and end are right again; the place in the tree is not."""
    await signed()
    await attacker.execute(
        "UPDATE registry.operation SET content = '{}' WHERE subject_id = $1", THIRD
    )
    await attacker.execute(REHASH, THIRD, 1)
    await attacker.execute(FOLLOW, THIRD)
    found = await broken(db_registry)
    assert found == Broken(Damage.CHANGED, THIRD, 1, leaf_index=2, leaf_until=3)


async def test_a_whole_chain_that_vanished_is_missed_in_the_tree(
    db_registry: Db, attacker: Any, written: None, signed: Signed
) -> None:
    await signed()
    await attacker.execute("DELETE FROM registry.operation WHERE subject_id = $1", THIRD)
    await attacker.execute("DELETE FROM registry.log_head WHERE subject_id = $1", THIRD)
    found = await broken(db_registry)
    assert found == Broken(Damage.MISSING, THIRD, 1, leaf_index=2, leaf_until=3)


async def test_a_whole_chain_put_in_has_no_place(
    db_registry: Db, attacker: Any, written: None, signed: Signed
) -> None:
    await signed()
    await attacker.execute(
        "INSERT INTO registry.operation SELECT $1, 1, op_class, op_type, at, actor, basis_kind,"
        " basis_id, content, previous, hash FROM registry.operation WHERE subject_id = $2",
        MANY[0],
        THIRD,
    )
    await attacker.execute(REHASH, MANY[0], 1)
    await attacker.execute(
        "INSERT INTO registry.log_head SELECT subject_id, seq, hash FROM registry.operation"
        " WHERE subject_id = $1",
        MANY[0],
    )
    assert await broken(db_registry) == Broken(Damage.ADDED, MANY[0], 1)


TREE_ATTACKS = {
    "a place edited": (
        "UPDATE registry.log_leaf SET leaf_hash = sha256('') WHERE leaf_index = 300",
        300,
    ),
    "a place given to another": (
        "UPDATE registry.log_leaf SET seq = 2 WHERE leaf_index = 300",
        300,
    ),
    "a place removed": ("DELETE FROM registry.log_leaf WHERE leaf_index = 300", 300),
    "the last removed": (
        "DELETE FROM registry.log_leaf WHERE leaf_index IN (699, 700)",
        None,
    ),
    "places swapped": (
        "WITH a AS (DELETE FROM registry.log_leaf WHERE leaf_index IN (300, 301) RETURNING *)"
        " INSERT INTO registry.log_leaf SELECT 601 - leaf_index + 1000, subject_id, seq, leaf_hash"
        " FROM a; UPDATE registry.log_leaf SET leaf_index = leaf_index - 1000"
        " WHERE leaf_index > 1000",
        256,
    ),
    "a subtree edited": (
        "UPDATE registry.log_subtree SET hash = sha256('') WHERE position = 1",
        256,
    ),
    "a subtree removed": ("DELETE FROM registry.log_subtree WHERE position = 1", 256),
}


async def test_places_touched_are_named(
    db_registry: Db, attacker: Any, write: Write, signed: Signed
) -> None:
    await write(*MANY)
    await signed()
    await keep(attacker)
    for attack, (sql, place) in TREE_ATTACKS.items():
        await attacker.execute(sql)
        found = await broken(db_registry)
        assert found is not None, attack
        if place is not None:
            assert (found.damage, found.leaf_index) == (Damage.TREE_CHANGED, place), attack
        else:
            assert found.damage is Damage.ADDED, attack
        await restore(attacker)
        assert await broken(db_registry) is None


HEAD_ATTACKS = {
    "root changed": "UPDATE registry.log_tree_head SET root = sha256('') WHERE number = 2",
    "size changed": "UPDATE registry.log_tree_head SET tree_size = 11 WHERE number = 2",
    "time changed": "UPDATE registry.log_tree_head SET at = at + interval '1 s' WHERE number = 2",
    "removed": "DELETE FROM registry.log_tree_head WHERE number = 2",
    "signature changed": "UPDATE registry.log_tree_head SET signature = substr(signature, 1, 63)"
    " || '\\x00' WHERE number = 2",
}


async def test_a_changed_head_is_named(
    db_registry: Db, attacker: Any, written: None, write: Write, signed: Signed
) -> None:
    for _ in range(3):
        await write(THIRD)
        await signed()
    await keep(attacker)
    for attack, sql in HEAD_ATTACKS.items():
        await attacker.execute(sql)
        assert await broken(db_registry) == Broken(Damage.HEAD_CHANGED, head=2), attack
        await restore(attacker)
        assert await broken(db_registry) is None


async def _rewrite(attacker: Any, db: Db) -> None:
    """Everything anew but the heads: the operation changed, its chain, its places, its subtrees."""
    await attacker.execute(
        "UPDATE registry.operation SET content = '{}' WHERE subject_id = $1", THIRD
    )
    await attacker.execute(REHASH, THIRD, 1)
    await attacker.execute(FOLLOW, THIRD)
    await attacker.execute(
        "UPDATE registry.log_leaf l SET leaf_hash = sha256('\\x00'::bytea || o.hash)"
        " FROM registry.operation o WHERE o.subject_id = l.subject_id AND o.seq = l.seq"
    )


async def test_the_heads_hold_against_a_log_written_anew(
    db_registry: Db, attacker: Any, write: Write, signed: Signed
) -> None:
    await write(FIRST)
    await signed()
    await write(SECOND, THIRD)
    await signed()
    await _rewrite(attacker, db_registry)
    found = await broken(db_registry)
    assert found == Broken(Damage.ROOT_DIFFERS, leaf_index=1, leaf_until=3, head=2)


async def test_a_head_kept_outside_holds_against_everything_written_anew(
    resources: Resources, attacker: Any, written: None, write: Write, signed: Signed
) -> None:
    db = resources.db.registry
    kept = await signed()
    await write(FIRST)
    later = await signed()
    public = {k.key_number: k.public_key for k in await queries.KEYS.all(db)}
    assert (await verify(db, [later, kept], public)).ok
    await _rewrite(attacker, db)
    # with our own key even: the owner of the database and of the secret writes the heads anew
    await attacker.execute("DELETE FROM registry.log_tree_head")
    assert await signed() != kept
    assert await broken(db) is None
    found = await broken(db, kept)
    assert found == Broken(Damage.ROOT_DIFFERS, leaf_index=0, leaf_until=10, head=1)
    # a registry of another key is not this registry
    await attacker.execute("DELETE FROM registry.log_tree_head; DELETE FROM registry.log_key")
    await signed()
    assert await broken(db, kept) == Broken(Damage.KEY_UNKNOWN, head=1)
    assert (await verify(db, [kept], public)).broken == found


async def test_heads_and_log_cut_back_together_are_found_from_outside(
    db_registry: Db, attacker: Any, written: None, write: Write, signed: Signed
) -> None:
    await signed()
    await write(MANY[0])
    kept = await signed()
    await attacker.execute("DELETE FROM registry.log_tree_head WHERE number = 2")
    assert await broken(db_registry) is None
    assert await broken(db_registry, kept) == Broken(Damage.HEAD_CHANGED, head=2)
    for table in ("operation", "log_head", "log_leaf"):
        await attacker.execute(f"DELETE FROM registry.{table} WHERE subject_id = $1", MANY[0])
    assert await broken(db_registry) is None
    found = await broken(db_registry, kept)
    assert found == Broken(Damage.SHORTENED, leaf_index=10, leaf_until=11, head=2)


async def test_an_account_without_a_log_has_lost_it(
    db_registry: Db, attacker: Any, written: None
) -> None:
    await attacker.execute(
        "INSERT INTO registry.person (person_id, added_at) VALUES ($1, '2026-04-06')", MANY[3]
    )
    await attacker.execute(
        "INSERT INTO registry.account VALUES ($1, 'OPEN', '2026-04-06', '2026-04-06', '2026-04-06')",
        MANY[3],
    )
    assert await broken(db_registry) == Broken(Damage.MISSING, MANY[3], 1)
