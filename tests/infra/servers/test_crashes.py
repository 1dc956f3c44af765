import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from infra import servers
from infra.servers import locks
from infra.servers.place import place_for
from infra.servers.server import command_line, read_pid

pytestmark = pytest.mark.slow

ENDS_WITHIN_S = 30.0
WRITERS = 4


def postmaster_pid(home: Path) -> int:
    pid = read_pid(place_for(home).folder / "postgres" / "postmaster.pid")
    assert pid is not None
    return pid


def supervisor_pid(home: Path) -> int:
    state = servers.state(home)
    assert state is not None
    assert "infra.servers.supervisor" in command_line(state.pid)
    return state.pid


def wait_until_free(lock: Path) -> None:
    fd = locks.acquire(lock, timeout_s=ENDS_WITHIN_S)
    assert fd is not None
    os.close(fd)


async def write_until_the_server_dies(
    url: str, writer: int, acknowledged: set[int], enough: asyncio.Event
) -> None:
    connection = await asyncpg.connect(url)
    try:
        for number in range(writer, 10**9, WRITERS):
            await connection.execute("INSERT INTO checkin VALUES ($1, repeat('x', 500))", number)
            acknowledged.add(number)
            if len(acknowledged) == 300:
                enough.set()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        connection.terminate()


async def test_every_acknowledged_row_survives_kill_of_postgres(home: Path) -> None:
    endpoints = servers.ensure(home)
    url = endpoints.database_url
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE checkin (id int PRIMARY KEY, text text)")
    await connection.close()

    acknowledged: set[int] = set()
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as writers:
        for writer in range(WRITERS):
            writers.create_task(write_until_the_server_dies(url, writer, acknowledged, enough))
        await enough.wait()
        killed = postmaster_pid(home)
        os.kill(killed, signal.SIGKILL)

    assert servers.ensure(home) == endpoints
    assert postmaster_pid(home) != killed
    connection = await asyncpg.connect(url)
    kept = {row["id"] for row in await connection.fetch("SELECT id FROM checkin")}
    await connection.close()
    assert kept >= acknowledged


async def test_killed_postgres_comes_back_without_anybody_asking(home: Path) -> None:
    endpoints = servers.ensure(home)
    killed = postmaster_pid(home)
    os.kill(killed, signal.SIGKILL)
    connection = None
    async with asyncio.timeout(ENDS_WITHIN_S):
        while connection is None:
            try:
                connection = await asyncpg.connect(endpoints.database_url)
            except (asyncpg.PostgresError, OSError):
                await asyncio.sleep(0.02)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    assert postmaster_pid(home) != killed


async def test_killed_valkey_comes_back(home: Path) -> None:
    endpoints = servers.ensure(home)
    pid = read_pid(place_for(home).folder / "valkey" / "valkey.pid")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    servers.ensure(home)
    async with Redis.from_url(endpoints.valkey_url) as valkey:
        assert await valkey.ping()


async def test_killed_supervisor_cuts_no_connection_and_strands_nothing(home: Path, user) -> None:
    with servers.running(home) as endpoints:
        connection = await asyncpg.connect(endpoints.database_url)
        postmaster = postmaster_pid(home)
        os.kill(supervisor_pid(home), signal.SIGKILL)
        wait_until_free(place_for(home).supervisor_lock)

        another = user(home)
        assert another.database_url() == endpoints.database_url
        assert postmaster_pid(home) == postmaster
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        another.leave()

        # What was adopted is watched like a child.
        os.kill(postmaster, signal.SIGKILL)
        servers.ensure(home)
        assert postmaster_pid(home) != postmaster


def test_orphans_are_stopped_when_the_last_user_has_left(home: Path, user) -> None:
    one = user(home)
    one.database_url()
    os.kill(supervisor_pid(home), signal.SIGKILL)
    wait_until_free(place_for(home).supervisor_lock)
    one.kill()
    assert servers.stop(home)
    for name in ("postgres", "valkey"):
        assert not locks.is_held(place_for(home).server_lock(name))


async def test_kill_of_everything_at_once_is_recovered(home: Path) -> None:
    endpoints = servers.ensure(home)
    connection = await asyncpg.connect(endpoints.database_url)
    await connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 50000) AS id")
    os.kill(supervisor_pid(home), signal.SIGKILL)
    os.kill(postmaster_pid(home), signal.SIGKILL)
    connection.terminate()

    servers.ensure(home)
    connection = await asyncpg.connect(endpoints.database_url)
    assert await connection.fetchval("SELECT count(*) FROM kept") == 50000
    await connection.close()


# A container's first process often does not wait for orphans: here it is this one, so that the
# killed servers stay zombies, which to kill(pid, 0) look alive.
ZOMBIES = """
import ctypes, os, signal, sys
from pathlib import Path
from infra import servers
from infra.servers.place import place_for
from infra.servers.server import command_line, read_pid

PR_SET_CHILD_SUBREAPER = 36
if sys.platform == "linux":
    assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
home = Path(sys.argv[1])
servers.ensure(home)
postmaster = read_pid(place_for(home).folder / "postgres" / "postmaster.pid")
state = servers.state(home)
os.kill(state.pid, signal.SIGKILL)
os.kill(postmaster, signal.SIGKILL)
servers.ensure(home)
if sys.platform == "linux":
    assert "Z (zombie)" in Path(f"/proc/{postmaster}/status").read_text()
    assert "Z (zombie)" in Path(f"/proc/{state.pid}/status").read_text()
    assert command_line(postmaster) == ""
print(postmaster, read_pid(place_for(home).folder / "postgres" / "postmaster.pid"))
"""


def test_zombies_are_not_taken_for_servers(home: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ZOMBIES, str(home)], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    killed, started = ended.stdout.split()
    assert killed != started


def test_process_id_that_a_stranger_got_is_left_alone(home: Path) -> None:
    servers.ensure(home)
    pid_file = place_for(home).folder / "postgres" / "postmaster.pid"
    os.kill(supervisor_pid(home), signal.SIGKILL)
    os.kill(postmaster_pid(home), signal.SIGKILL)
    wait_until_free(place_for(home).server_lock("postgres"))
    lines = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    servers.ensure(home)
    assert postmaster_pid(home) != os.getpid()


async def test_damaged_valkey_file_is_set_aside(home: Path) -> None:
    servers.ensure(home)
    servers.stop(home)
    data = place_for(home).folder / "valkey"
    for file in (data / "appendonlydir").glob("*.incr.aof"):
        file.write_bytes(b"*3\r\nnot what Valkey wrote\r\n")

    endpoints = servers.ensure(home)
    async with Redis.from_url(endpoints.valkey_url) as valkey:
        assert await valkey.dbsize() == 0
    assert list(data.glob("appendonlydir.damaged-*"))


async def test_removed_socket_folder_is_made_again(home: Path) -> None:
    endpoints = servers.ensure(home)
    assert endpoints.sockets is not None
    shutil.rmtree(endpoints.sockets)
    assert servers.ensure(home) == endpoints
    connection = await asyncpg.connect(endpoints.database_url)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
