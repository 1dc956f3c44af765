"""Keys change while people are served: nothing is lost, nothing stands under the old key, and all is found."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from backend.app import rekey as rekeying
from backend.app.vaults import VAULTS
from backend.kernel import keys, resealing
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring, SealBroken
from backend.registry.person import rehash
from backend.registry.person import service as persons
from backend.registry.person.claiming import iin_context
from backend.registry.person.errors import LookupKeyGone
from backend.signing.evidence import reading
from tests.conftest import SECRET
from tests.registry.conftest import (
    CLINIC_BIN,
    MIS,
    Insure,
    Register,
    entry,
    iin_of,
    person_batch,
    seen_batch,
)

NEW = "n" * 40
IDENTITY = next(v for v in VAULTS if v.table == "person.identity")
# bytea columns that are called a seal and hold a signature of ours, not anything sealed
SIGNATURES = {"allocation.decision_seal", "allocation.contract_sealing"}


def told(*_: object) -> None:
    """Nobody looks at the progress."""


async def with_ring(resources: Resources, secret: str) -> Resources:
    """The process, started anew with this `SAQTAU_SECRET`."""
    ring = Keyring.from_secret(secret)
    ring = await keys.load(resources.db.registry, ring, at=resources.clock.now())
    return msgspec.structs.replace(resources, keyring=ring)


@pytest.fixture
async def first(resources: Resources) -> Resources:
    return await with_ring(resources, SECRET)


async def test_every_sealed_column_is_known_to_the_change_of_keys(owner: Any) -> None:
    found = await owner.fetch(
        """
        SELECT n.nspname || '.' || c.relname AS "table", a.attname
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE a.atttypid = 'bytea'::regtype AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND (a.attname ~ 'seal' OR a.attname = 'head') AND a.attnum > 0
        """
    )
    there = {(r["table"], r["attname"]) for r in found if r["table"] not in SIGNATURES}
    assert there == {(v.table, v.column) for v in VAULTS}


async def test_each_wing_may_seal_its_own_anew(first: Resources) -> None:
    """Also what is otherwise never changed; an empty column is gone through like a full one."""
    done = await rekeying.rekey(await with_ring(first, f"{NEW},{SECRET}"), told)
    assert done.ok
    assert done.sealed["kernel.lookup_key.sealed"] == 2
    assert set(done.sealed) == {v.name for v in VAULTS}


async def test_the_old_secret_goes_when_nothing_needs_it(
    first: Resources, insure: Insure, register: Register
) -> None:
    await register(CLINIC_BIN)
    ids = await insure(*(iin_of(n) for n in range(1, 8)))
    old = next(iter(first.keyring.keys))
    with pytest.raises(keys.WrongSecret, match=old.hex()):
        await with_ring(first, NEW)
    both = await with_ring(first, f"{NEW},{SECRET}")
    # found and read by a process of either ring, before, while and after
    done = await rekeying.rekey(both, told)
    assert (done.ok, done.retired, done.in_use, done.broken) == (True, [old.hex()], {}, {})
    assert done.sealed["person.identity.sealed"] == done.sealed["person.iin_claim.sealed"] == 7
    alone = await with_ring(first, NEW)
    assert await persons.resolve(alone.db.registry, alone.keyring, ids) == ids
    for iin, person_id in ids.items():
        known = await persons.identity(alone.db.registry, alone.keyring, person_id)
        assert known.iin == iin
    again = await rekeying.rekey(alone, told)
    assert (again.ok, again.retired) == (True, [])
    with pytest.raises(keys.WrongSecret):
        await with_ring(first, SECRET)


async def test_a_wrong_secret_is_said_at_once_and_opens_nothing(first: Resources) -> None:
    for wrong in ("w" * 40, f"{NEW},{'w' * 40}"):
        with pytest.raises(keys.WrongSecret, match="SAQTAU_SECRET"):
            await with_ring(first, wrong)


async def test_killed_after_any_batch_it_goes_on_and_each_row_is_sealed_once(
    first: Resources, insure: Insure
) -> None:
    ids = await insure(*(iin_of(n) for n in range(1, 24)))
    both = await with_ring(first, f"{NEW},{SECRET}")
    small = msgspec.structs.replace(IDENTITY, batch=5)
    counted: list[int] = []
    for _ in range(20):  # a batch each, then the process is gone
        async for step in resealing.reseal(both.db.registry, both.keyring, small):
            counted.append(step.sealed)
            break
        if not step.more:
            break
    assert counted == [5, 10, 15, 20, 23]
    assert await resealing.used(both.db.registry, IDENTITY) == {both.keyring.mark: 23}
    assert len(await persons.identities(both.db.registry, both.keyring, list(ids.values()))) == 23


async def test_while_it_runs_feeds_go_on_and_what_they_write_stays(
    first: Resources, insure: Insure
) -> None:
    ids = await insure(*(iin_of(n) for n in range(1, 40)))
    both = await with_ring(first, f"{NEW},{SECRET}")
    small = msgspec.structs.replace(IDENTITY, batch=3)

    async def reseal() -> None:
        async for _ in resealing.reseal(both.db.registry, both.keyring, small):
            await asyncio.sleep(0)

    async def feed() -> None:  # by a process that was not started anew yet
        for n in range(1, 40, 3):
            batch = person_batch(entry(iin_of(n), address=f"Алматы, Абай {n}"))
            await persons.enter(first, MIS, batch)

    await asyncio.gather(reseal(), feed())
    done = await rekeying.rekey(both, told)
    assert done.ok
    found = await persons.identities(both.db.registry, both.keyring, list(ids.values()))
    moved = {i.iin: i.address for i in found.values() if i.address.startswith("Алматы")}
    assert moved == {iin_of(n): f"Алматы, Абай {n}" for n in range(1, 40, 3)}


async def test_a_seal_that_does_not_open_is_counted_left_and_keeps_its_key(
    first: Resources, insure: Insure, owner: Any
) -> None:
    ids = await insure(iin_of(1), iin_of(2))
    bad, good = ids.values()
    await owner.execute(
        "UPDATE person.identity SET sealed = sealed || 'x' WHERE person_id = $1", bad
    )
    done = await rekeying.rekey(await with_ring(first, f"{NEW},{SECRET}"), told)
    assert (done.ok, done.retired) == (False, [])
    assert done.broken == {"person.identity.sealed": 1}
    assert done.in_use == {first.keyring.current.hex(): {"person.identity.sealed": 1}}
    alone = Keyring.from_secret(NEW)
    with pytest.raises(SealBroken):
        await persons.identity(first.db.registry, alone, bad)
    assert (await persons.identity(first.db.registry, alone, good)).iin == iin_of(2)


async def test_proofs_are_sealed_anew_and_otherwise_never_change(
    first: Resources, owner: Any, register: Register
) -> None:
    await register(CLINIC_BIN)
    (evidence_id,) = (r[0] for r in await owner.fetch("SELECT evidence_id FROM signing.evidence"))
    row = await reading.queries.FIND.get(first.db.signing, evidence_id)
    proof = msgspec.structs.replace(row.proof(), manifest=b"{}")
    seal = first.keyring.seal(b"", proof.sealed_text())
    await owner.execute("ALTER TABLE signing.evidence DISABLE TRIGGER USER")
    await owner.execute("UPDATE signing.evidence SET seal = $1, manifest = '{}'", seal)
    await owner.execute("ALTER TABLE signing.evidence ENABLE TRIGGER USER")
    both = await with_ring(first, f"{NEW},{SECRET}")
    done = await rekeying.rekey(both, told)
    assert done.sealed["signing.evidence.seal"] == 1
    assert done.ok
    row = await reading.queries.FIND.get(first.db.signing, evidence_id)
    assert Keyring.from_secret(NEW).open(row.seal or b"", row.proof().sealed_text()) == b""
    for change in (
        "UPDATE signing.evidence SET operation = 'x'",
        "UPDATE signing.evidence SET operation = 'x', seal = 'y'",
        "UPDATE signing.evidence SET seal = NULL",
        "DELETE FROM signing.evidence",
        "TRUNCATE signing.evidence CASCADE",
        "UPDATE registry.organisation_version SET version = 9",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(change)


# --- the key persons are found by ---------------------------------------------------------------


async def claims(db: Db) -> dict[int, int]:
    rows = await db.pool.fetch("SELECT key_id, count(*) FROM person.iin_claim GROUP BY 1")
    return {r[0]: r[1] for r in rows}


async def test_the_key_of_persons_changes_by_two_hashes_each(
    first: Resources, insure: Insure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehash, "BATCH", 4)
    db = first.db.registry
    ids = await insure(*(iin_of(n) for n in range(1, 11)))
    # one who was seen by a doctor and never entered: his number lies beside his hash
    await persons.see(first, MIS, seen_batch(iin_of(11)))
    ids |= await persons.resolve(db, first.keyring, [iin_of(11)])
    assert await keys.add_person_key(db, first.keyring, at=first.clock.now()) == 2
    with pytest.raises(ValueError, match="already"):
        await keys.add_person_key(db, first.keyring, at=first.clock.now())
    second = await with_ring(first, SECRET)
    assert await persons.resolve(db, second.keyring, ids) == ids
    with pytest.raises(ValueError, match="not everybody"):
        [_ async for _ in rehash.drop_old(db, second.keyring)]
    async for step in rehash.rehash(db, second.keyring):  # killed after its first batch
        assert step.hashed == 4
        break
    done = await rekeying.rekey(second, told)
    assert (done.ok, done.person_keys) == (True, [2, 1])
    assert done.hashed is not None
    assert (done.hashed.hashed, done.hashed.unreadable, done.hashed.twice) == (7, 0, 0)
    assert await claims(db) == {1: 11, 2: 11}
    [*_, gone] = [n async for n in rehash.drop_old(db, second.keyring)]
    assert gone == 11
    third = await with_ring(first, SECRET)
    assert [number for number, _ in third.keyring.person_keys] == [2]
    assert await persons.resolve(db, third.keyring, ids) == ids
    assert await claims(db) == {2: 11}
    # a process that has slept through it claims nobody a second time
    with pytest.raises(LookupKeyGone):
        await persons.see(first, MIS, seen_batch(iin_of(12)))
    assert await claims(db) == {2: 11}


@pytest.mark.parametrize("others_know", ["the old key", "the new key"])
async def test_processes_of_old_and_new_keys_never_make_two_of_one_person(
    first: Resources, owner: Any, others_know: str
) -> None:
    """While some know both keys and some but one of them."""
    db = first.db.registry
    await keys.add_person_key(db, first.keyring, at=first.clock.now())
    both = await with_ring(first, SECRET)
    new_only = msgspec.structs.replace(
        both,
        keyring=msgspec.structs.replace(both.keyring, person_keys=both.keyring.person_keys[:1]),
    )
    numbers = [iin_of(n) for n in range(1, 60)]

    async def see(by: Resources, step: int) -> None:
        for n in range(0, len(numbers), 6):
            seen = numbers[n : n + 6][::step]
            await persons.see(by, MIS, seen_batch(*seen))

    others = first if others_know == "the old key" else new_only
    await asyncio.gather(see(others, 1), see(both, -1), see(both, 1), see(others, -1))
    found: dict[str, UUID] = await persons.resolve(db, both.keyring, numbers)
    assert len(set(found.values())) == len(numbers)
    assert await owner.fetchval("SELECT count(*) FROM registry.person") == len(numbers)
    for number, person_id in found.items():
        sealed = await owner.fetchval(
            "SELECT sealed FROM person.iin_claim WHERE person_id = $1 LIMIT 1", person_id
        )
        assert both.keyring.open(sealed, iin_context(person_id)).decode() == number
