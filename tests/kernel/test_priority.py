"""Background work steps back where the server is on this machine, and nothing else is touched."""

import os
import sys

import asyncpg

from backend.kernel.db import Db, open_db
from backend.kernel.priority import NICE, step_back
from backend.kernel.resources import Resources

EXPECTED = NICE if sys.platform == "linux" else 0


async def _ranks(db: Db) -> set[int]:
    async with db.pool.acquire() as one, db.pool.acquire() as other:
        pids = {one.get_server_pid(), other.get_server_pid()}
    assert len(pids) == 2
    return {os.getpriority(os.PRIO_PROCESS, pid) for pid in pids}


async def test_every_connection_of_the_background_steps_back(resources: Resources) -> None:
    url = resources.config.database_url
    behind = await open_db(url, "saqtau_registry", max_size=2, background=True)
    before = await open_db(url, "saqtau_registry", max_size=2)
    try:
        assert await _ranks(behind) == {EXPECTED}
        assert await _ranks(before) == {0}
    finally:
        await behind.close()
        await before.close()


async def test_only_a_process_of_postgresql_is_touched(
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    assert step_back(owner.get_server_pid()) == (sys.platform == "linux")
    assert not step_back(os.getpid())  # as where the server's number means another process here
    assert os.getpriority(os.PRIO_PROCESS, 0) == mine
    assert not step_back(2**22 + 1)  # beyond the greatest number a process can have
