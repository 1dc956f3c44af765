"""Places in the tree and proofs of them, from what writers left behind."""

import asyncio
from typing import Any

import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.db import Db
from backend.kernel.resources import Databases, Resources
from backend.registry.log import heads, merkle, queries, service, tree
from backend.registry.log.errors import LeafUnknown, TreeSizeUnknown
from tests.registry.log.conftest import FIRST, MANY, SECOND, THIRD, Write, operation


async def hashes(owner: Any) -> list[bytes]:
    """The operations' hashes in the order of their places."""
    rows = await owner.fetch(
        "SELECT o.hash FROM registry.log_leaf l JOIN registry.operation o USING (subject_id, seq)"
        " ORDER BY leaf_index"
    )
    return [r["hash"] for r in rows]


async def test_each_operation_gets_one_place_in_the_order_of_its_chain(
    db_registry: Db, owner: Any, written: None
) -> None:
    assert await tree.seal(db_registry) == 10
    assert await tree.seal(db_registry) == 0
    rows = await owner.fetch("SELECT leaf_index, subject_id, seq FROM registry.log_leaf ORDER BY 1")
    assert [r["leaf_index"] for r in rows] == list(range(10))
    for subject in (FIRST, SECOND, THIRD):
        seqs = [r["seq"] for r in rows if r["subject_id"] == subject]
        assert seqs == sorted(seqs)
    assert await owner.fetchval("SELECT count(*) FROM registry.log_pending") == 0


async def test_a_writer_in_flight_gets_its_place_when_it_commits(
    databases: Databases, owner: Any, clock: FixedClock, write: Write
) -> None:
    """FAULTS 10: what began earlier and commits later is neither lost nor doubled."""
    db = databases.registry
    async with databases.payments.transaction() as slow:
        await service.append(slow, [operation(FIRST, "slow", clock)])
        await write(SECOND)
        assert await tree.seal(db) == 1
        await write(THIRD)
    assert await tree.seal(db) == 2
    placed = await owner.fetch("SELECT subject_id FROM registry.log_leaf ORDER BY leaf_index")
    assert [r[0] for r in placed] == [SECOND, FIRST, THIRD]


async def test_what_is_rolled_back_has_no_place(db_registry: Db, clock: FixedClock) -> None:
    with pytest.raises(RuntimeError):
        async with db_registry.transaction() as tx:
            await service.append(tx, [operation(FIRST, "never", clock)])
            raise RuntimeError
    assert await tree.seal(db_registry) == 0


async def test_sealers_and_writers_at_once(
    db_registry: Db, owner: Any, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "SEAL_AT_ONCE", 3)
    await asyncio.gather(
        *(write(*MANY[n * 5 : n * 5 + 5]) for n in range(20)),
        *(tree.seal(db_registry) for _ in range(20)),
    )
    await tree.seal_all(db_registry)
    row = await owner.fetchrow(
        "SELECT count(*) AS n, count(DISTINCT (subject_id, seq)) AS operations, max(leaf_index)"
        " FROM registry.log_leaf"
    )
    assert tuple(row) == (100, 100, 99)


async def test_a_bulk_insert_into_one_partition_is_seen_too(db_registry: Db, owner: Any) -> None:
    await owner.execute(
        "INSERT INTO registry.operation_p00 SELECT u, 1, 'POLICY', 'ISSUE', '2026-04-06', 'x',"
        " 'ORDER', '', '{}', sha256(''), sha256(uuid_send(u)) FROM generate_series(1, 400) i,"
        " LATERAL (SELECT gen_random_uuid() u, i) g"
        " WHERE satisfies_hash_partition('registry.operation'::regclass, 16, 0, u)"
    )
    inserted = await owner.fetchval("SELECT count(*) FROM registry.operation")
    assert inserted > 5
    assert await tree.seal(db_registry) == inserted


async def test_proofs_of_a_tree_of_several_tiles(
    resources: Resources, owner: Any, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Grown in odd pieces, 701 leaves: two stored subtrees and a tail."""
    db = resources.db.registry
    monkeypatch.setattr(tree, "SEAL_AT_ONCE", 1)
    for start, stop in ((0, 1), (1, 255), (255, 257), (257, 700)):
        await write(*MANY[start:stop])
        await tree.seal_all(db)
    await write(FIRST)
    await tree.seal_all(db)
    assert await owner.fetchval("SELECT count(*) FROM registry.log_subtree") == 2
    head = await heads.sign(resources)
    assert head is not None
    leaves = [merkle.leaf_hash(h) for h in await hashes(owner)]
    assert head.tree_size == len(leaves) == 701
    root = bytes.fromhex(head.root)
    grown = merkle.Frontier()
    for tile in (0, 1):
        list(grown.add(merkle.complete(leaves[tile * 256 : tile * 256 + 256])))
    assert root == grown.root(leaves[512:])
    for index in (0, 255, 256, 511, 512, 700):
        proof = await tree.inclusion(db, leaves[index], 701)
        assert proof.leaf_index == index
        path = [bytes.fromhex(h) for h in proof.inclusion_path]
        assert merkle.root_by_inclusion(leaves[index], index, 701, path) == root
    for first in (0, 1, 256, 300, 512, 640, 701):
        told = await tree.consistency(db, first, 701)
        path = [bytes.fromhex(h) for h in told.consistency_path]
        merkle.require_consistent(first, 701, await tree.root(db, first), root, path)
    with pytest.raises(LeafUnknown):
        await tree.inclusion(db, leaves[700], 700)
    with pytest.raises(LeafUnknown):
        await tree.inclusion(db, bytes(32), 701)
    for size in (702, -1):
        with pytest.raises(TreeSizeUnknown):
            await tree.inclusion(db, leaves[0], size)
    with pytest.raises(TreeSizeUnknown):
        await tree.consistency(db, 3, 2)


async def test_a_place_is_found_by_its_index(owner: Any) -> None:
    await owner.execute(
        "INSERT INTO registry.log_leaf SELECT i, gen_random_uuid(), 1, sha256(int8send(i))"
        " FROM generate_series(0, 5000) i; ANALYZE registry.log_leaf"
    )
    sql = queries.LEAF_BY_HASH.sql.replace("$1", "sha256(int8send(77))")
    plan = "\n".join(r[0] for r in await owner.fetch(f"EXPLAIN {sql}"))
    assert "log_leaf_by_hash" in plan


async def test_nobody_changes_places_and_heads(
    databases: Databases, owner: Any, resources: Resources, written: None
) -> None:
    await tree.seal(databases.registry)
    await heads.sign(resources)
    for table in ("log_leaf", "log_subtree", "log_tree_head"):
        for sql in (f"DELETE FROM registry.{table}", f"TRUNCATE registry.{table}"):
            for connection in (databases.registry.pool, databases.payments.pool, owner):
                with pytest.raises((Exception,), match=r"permission denied|never changed"):
                    await connection.execute(sql)


@pytest.mark.parametrize(
    ("logged", "rows"), [(0, []), (1, [1]), (10_000, [10_000]), (10_001, [10_000, 1])]
)
async def test_a_statement_waits_in_one_row_of_ten_thousand_at_most(
    owner: Any, logged: int, rows: list[int]
) -> None:
    """However long it is, the sealer takes bounded bites, in the order in which it logged."""
    await owner.execute(
        """
        INSERT INTO registry.operation
        SELECT gen_random_uuid(), 1, 'POLICY', 'ISSUE', now(), 'system:1', 'EVENT', '1', '{}',
               sha256(''), sha256(int4send(n))
          FROM generate_series(1, $1) AS n
        """,
        logged,
    )
    kept = await owner.fetch("SELECT * FROM registry.log_pending ORDER BY batch_id")
    assert [row["operations"] for row in kept] == rows
    places = await owner.fetchval(
        """
        SELECT array_agg(hash = sha256(int4send(n::int)))
          FROM (
            SELECT hash, row_number() OVER (ORDER BY batch_id, place) AS n
              FROM registry.log_pending, unnest(hashes) WITH ORDINALITY AS u (hash, place)
          ) AS waiting
        """
    )
    assert places == ([True] * logged or None)
