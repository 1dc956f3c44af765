"""Background work steps back where the server is on this machine, and nothing else is touched."""

import os
import sys
from pathlib import Path

import asyncpg
import pytest

from backend.kernel import priority
from backend.kernel.db import Db, open_db
from backend.kernel.priority import NICE, step_back
from backend.kernel.resources import Resources

BEHIND = (NICE, True) if sys.platform == "linux" else (0, False)


async def _ranks(db: Db) -> set[tuple[int, bool]]:
    """The nice values of its processes, and whether they count as idle where they may."""
    async with db.pool.acquire() as one, db.pool.acquire() as other:
        pids = {one.get_server_pid(), other.get_server_pid()}
    assert len(pids) == 2
    return {(os.getpriority(os.PRIO_PROCESS, pid), _counts_as_idle(pid)) for pid in pids}


def _counts_as_idle(pid: int) -> bool:
    if sys.platform == "linux" and priority._shared_by_session(Path(f"/proc/{pid}")):
        return os.sched_getscheduler(pid) == os.SCHED_IDLE
    return os.getpriority(os.PRIO_PROCESS, pid) == NICE


async def test_every_connection_of_the_background_steps_back(resources: Resources) -> None:
    url = resources.config.database_url
    behind = await open_db(url, "saqtau_registry", max_size=2, background=True)
    before = await open_db(url, "saqtau_registry", max_size=2)
    try:
        assert await _ranks(behind) == {BEHIND}
        assert await _ranks(before) == {(0, False)}
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


SESSIONS = "9:name=systemd:/\n1:cpu:/\n0::/\n"


@pytest.mark.parametrize(
    ("enabled", "groups", "weighed", "idle"),
    [
        ("1", SESSIONS, None, True),
        ("0", SESSIONS, None, False),
        (None, SESSIONS, None, False),  # a kernel without them
        ("1", "3:cpu,cpuacct:/system.slice/postgresql.service\n0::/\n", None, False),
        ("1", "0::/user.slice\n", None, True),  # a group, but none for the processors
        ("1", "0::/system.slice\n", "system.slice", False),
        ("1", "0::/\n", "", False),  # a container: its root is a group of the machine
    ],
)
def test_only_where_sessions_share_the_processors_it_counts_as_idle(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    enabled: str | None,
    groups: str,
    weighed: str | None,
    idle: bool,
) -> None:
    """Anywhere else an idle process gets next to nothing, and everybody waits for the locks it holds."""
    kernel, process = tmp_path / "sys" / "kernel", tmp_path / "77"
    for folder in (kernel, process, tmp_path / "groups" / "system.slice"):
        folder.mkdir(parents=True)
    if enabled is not None:
        (kernel / "sched_autogroup_enabled").write_text(f"{enabled}\n")
    (process / "cgroup").write_text(groups)
    if weighed is not None:
        (tmp_path / "groups" / weighed / "cpu.weight").write_text("100\n")
    monkeypatch.setattr(priority, "_PROCESSES", tmp_path)
    monkeypatch.setattr(priority, "_GROUPS", tmp_path / "groups")
    assert priority._shared_by_session(process) is idle
