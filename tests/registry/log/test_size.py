"""A long log verified: how fast, in how much memory, and with how fine a net.

`.venv/bin/pytest -q -s -m prove tests/registry/log/test_size.py` writes docs/proofs/log.md.
"""

import os
import random
import resource
import time
from typing import Any

import pytest

from backend.kernel.db import Db
from backend.registry.log import tree
from backend.registry.log.model import Broken, Verified
from backend.registry.log.verify import verify
from tests.conftest import ROOT

PROOF = ROOT / "docs" / "proofs" / "log.md"
SAMPLE, ALL = 2_000, 1_000_000
AT_ONCE = 50_000
CPU_US_MAX = 10.0  # for one operation: 100,000 a second on one core
MEMORY_MAX_MB = 40
# Each person has two operations, as a policy that is issued and credited.
WRITE = """
    WITH RECURSIVE person AS MATERIALIZED (
        SELECT gen_random_uuid() AS id FROM generate_series(1, $1)
    ), chain AS (
        SELECT id, 1 AS seq, decode(repeat('00', 32), 'hex') AS previous,
               sha256(decode(repeat('00', 32), 'hex') || registry.operation_bytes(
                   id, 1, $2, 'POLICY', 'ISSUE', 'issuer_head:061211600012', 'ORDER', '1', $3))
                   AS hash
          FROM person
         UNION ALL
        SELECT id, 2, hash, sha256(hash || registry.operation_bytes(
                   id, 2, $2, 'POLICY', 'ISSUE', 'issuer_head:061211600012', 'ORDER', '1', $3))
          FROM chain WHERE seq = 1
    ), logged AS (
        INSERT INTO registry.operation
        SELECT id, seq, 'POLICY', 'ISSUE', $2, 'issuer_head:061211600012', 'ORDER', '1', $3,
               previous, hash
          FROM chain
    )
    INSERT INTO registry.log_head SELECT id, 2, hash FROM chain WHERE seq = 2
"""
CONTENT = '{"after":{"policy":"2026-0000012345","status":"ISSUED"},"before":null}'
ATTACKS = {
    "edited": "UPDATE registry.operation SET content = '{}'",
    "deleted": "DELETE FROM registry.operation",
    "hash changed": "UPDATE registry.operation SET hash = sha256(hash)",
    "back-dated": "UPDATE registry.operation SET at = at - interval '1 us'",
    "re-attributed": "UPDATE registry.operation SET actor = 'x'",
}


async def grow(owner: Any, db: Db, count: int) -> None:
    at = await owner.fetchval("SELECT timestamptz '2026-04-06'")
    for start in range(0, count, AT_ONCE):
        await owner.execute(WRITE, min(AT_ONCE, count - start) // 2, at, CONTENT)
    await owner.execute("VACUUM ANALYZE registry.operation")
    await tree.seal_all(db)


async def measured(db: Db) -> tuple[Verified, float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    found = await verify(db)
    return found, time.perf_counter() - began, time.process_time() - cpu


async def struck(owner: Any, db: Db, attack: str, at: int) -> tuple[Broken | None, Broken | None]:
    """What is found when the operation at that leaf is attacked, and when the attack is undone."""
    place = await owner.fetchrow(
        "SELECT subject_id, seq FROM registry.log_leaf WHERE leaf_index = $1", at
    )
    where = "subject_id = $1 AND seq = $2"
    kept = await owner.fetchrow(f"SELECT * FROM registry.operation WHERE {where}", *place)
    await owner.execute(f"{ATTACKS[attack]} WHERE {where}", *place)
    found = (await verify(db)).broken
    await owner.execute(f"DELETE FROM registry.operation WHERE {where}", *place)
    await owner.execute(
        "INSERT INTO registry.operation VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *kept,
    )
    assert found is not None, attack
    assert (found.subject_id, found.seq) == tuple(place), attack
    return found, (await verify(db)).broken


async def test_one_row_among_two_thousand_is_found(db_registry: Db, attacker: Any) -> None:
    await attacker.execute("SET session_replication_role = origin")
    await grow(attacker, db_registry, SAMPLE)
    await attacker.execute("SET session_replication_role = replica")
    chance = random.Random(1)
    for attack in ATTACKS:
        _, after = await struck(attacker, db_registry, attack, chance.randrange(SAMPLE))
        assert after is None


@pytest.mark.prove
async def test_a_million_operations(db_registry: Db, attacker: Any) -> None:
    number = int(os.environ.get("SAQTAU_SEED", time.time_ns() % 10**8))
    await attacker.execute("SET session_replication_role = origin")
    await grow(attacker, db_registry, SAMPLE)
    await verify(db_registry)
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    await grow(attacker, db_registry, ALL)
    best = min([await measured(db_registry) for _ in range(3)], key=lambda m: m[1])
    found, seconds, cpu = best
    grown_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - before_mb
    assert (found.ok, found.operations) == (True, ALL + SAMPLE)
    assert cpu / found.operations * 1e6 < CPU_US_MAX
    assert grown_mb < MEMORY_MAX_MB
    await attacker.execute("SET session_replication_role = replica")
    chance = random.Random(number)
    for attack in ATTACKS:
        await struck(attacker, db_registry, attack, chance.randrange(ALL))
    load = os.getloadavg()[0]
    PROOF.write_text(
        f"""# A log of a million operations

`SAQTAU_SEED={number} .venv/bin/pytest -q -s -m prove tests/registry/log/test_size.py` writes this page.

| | |
|---|---|
| operations | {found.operations:,} |
| verified, the best of three | {found.operations / seconds:,.0f} a second, machine's load {load:.1f} on {os.cpu_count()} cores |
| verifier's CPU time | {cpu / found.operations * 1e6:.1f} us an operation: {found.operations / cpu:,.0f} a second on a core of its own |
| memory | {grown_mb} MB more than for {SAMPLE:,} |
| found, each at its very row | one operation {", ".join(ATTACKS)}, at random places |
""",
        encoding="utf-8",
    )
