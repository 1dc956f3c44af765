"""Places and heads that lag or fail hold nobody back (FAULTS 26)."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from backend.kernel.clock import FixedClock
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring, SealBroken
from backend.registry.log import heads, jobs, queries, tree
from backend.registry.log.verify import verify
from tests.registry.log.conftest import FIRST, MANY, Write


async def test_a_head_every_hour_also_of_a_quiet_log(
    resources: Resources, clock: FixedClock, written: None
) -> None:
    await jobs.seal(resources)
    await jobs.sign_head(resources)
    await jobs.sign_head(resources)
    clock.advance(timedelta(minutes=59))
    await jobs.sign_head(resources)
    assert (await heads.last(resources.db.registry)).number == 1
    clock.advance(timedelta(minutes=1))
    await jobs.sign_head(resources)
    second = await heads.last(resources.db.registry)
    assert (second.number, second.tree_size) == (2, 10)


async def test_without_a_key_operations_go_on_and_the_alarm_rises(
    resources: Resources, clock: FixedClock, write: Write, written: None
) -> None:
    await jobs.seal(resources)
    await jobs.sign_head(resources)
    lost = msgspec.structs.replace(resources, keyring=Keyring.from_secret("another secret " * 3))
    clock.advance(timedelta(hours=16))
    with pytest.raises(SealBroken):
        await jobs.sign_head(lost)
    await write(*MANY)
    await jobs.watch(lost)
    assert (jobs.BACKLOG._value.get(), jobs.ALARM._value.get()) == (700, 0)
    clock.advance(timedelta(hours=1))
    await jobs.watch(lost)
    assert (jobs.HEAD_AGE._value.get(), jobs.ALARM._value.get()) == (17 * 3600, 1)
    # the key is back: the backlog drains, the next head stands over all
    await jobs.seal(resources)
    await jobs.sign_head(resources)
    await jobs.watch(resources)
    assert (jobs.BACKLOG._value.get(), jobs.ALARM._value.get()) == (0, 0)
    found = await verify(resources.db.registry)
    assert (found.ok, found.sealed, found.heads) == (True, 710, 2)


async def test_a_writer_waits_neither_for_the_sealer_nor_for_the_signer(
    resources: Resources, write: Write, written: None
) -> None:
    """Both stand in the middle of their work and hold their locks."""
    db = resources.db.registry

    async with db.transaction() as tx:
        assert await queries.TRY_SEALER.get(tx)
        assert await queries.TRY_SIGNER.get(tx)
        waiting = await queries.WAITING.all(tx, 10)
        await queries.PLACE.run(tx, [batch.batch_id for batch in waiting], 0)
        await queries.PLACED.run(tx, [batch.batch_id for batch in waiting])
        async with asyncio.timeout(5):
            await write(FIRST, *MANY)
        assert await tree.seal(db) == 0
        assert await heads.sign(resources) is None
    assert await tree.seal(db) == 701


async def test_a_new_key_signs_on_and_the_old_heads_hold(
    resources: Resources, clock: FixedClock, written: None
) -> None:
    await tree.seal(resources.db.registry)
    await heads.sign(resources)
    await heads.rotate_key(resources)
    clock.advance(timedelta(hours=1))
    head = await heads.sign(resources)
    assert head is not None
    assert (head.number, head.key_number) == (2, 2)
    keys = await heads.public_keys(resources.db.registry)
    assert [(k.key_number, k.retired_at is None) for k in keys] == [(1, False), (2, True)]
    assert (await verify(resources.db.registry)).ok
