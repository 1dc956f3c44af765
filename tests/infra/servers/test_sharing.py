import os
from pathlib import Path

import asyncpg
import pytest
from redis.asyncio import Redis

from infra import servers
from infra.servers import locks
from infra.servers.client import DATABASE_VARIABLE, VALKEY_VARIABLE
from infra.servers.place import place_for
from infra.servers.server import read_pid

# The linger, a checkpoint and a busy machine.
ENDS_WITHIN_S = 30.0


def postmaster_pid(home: Path) -> int | None:
    return read_pid(place_for(home).folder / "postgres" / "postmaster.pid")


def has_ended(home: Path) -> bool:
    """Waits for the supervisor to end; True when nothing it started is left."""
    place = place_for(home)
    fd = locks.acquire(place.supervisor_lock, timeout_s=ENDS_WITHIN_S)
    if fd is None:
        return False
    os.close(fd)
    alive = [locks.is_held(place.server_lock(name)) for name in ("postgres", "valkey")]
    return not any(alive) and not place.sockets.exists()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_second_process_shares_and_the_last_to_leave_stops_them(home: Path, user) -> None:
    first = user(home)
    url = first.database_url()
    pid = postmaster_pid(home)

    second = user(home)
    assert second.database_url() == url
    assert postmaster_pid(home) == pid

    first.leave()
    assert await ask(url, "SELECT 1") == 1
    assert postmaster_pid(home) == pid

    second.kill()
    assert has_ended(home)


def test_four_at_once_get_the_same_servers(home: Path, user) -> None:
    users = [user(home) for _ in range(4)]
    assert len({one.database_url() for one in users}) == 1
    log = (place_for(home).supervisor_log).read_text()
    assert log.count("PostgreSQL is ready") == 1


async def test_block_gives_postgres_as_the_house_needs_it_and_valkey(home: Path) -> None:
    with servers.running(home) as endpoints:
        connection = await asyncpg.connect(endpoints.database_url)
        settings = dict(
            await connection.fetch(
                "SELECT name, setting FROM pg_settings WHERE name = ANY($1)",
                ["listen_addresses", "fsync", "synchronous_commit", "data_checksums", "jit"],
            )
        )
        locale = await connection.fetchrow(
            "SELECT datlocprovider::text, datlocale, pg_encoding_to_char(encoding)"
            "  FROM pg_database WHERE datname = 'saqtau'"
        )
        lower = await connection.fetchval("SELECT lower('ӘҒҚҢӨҰҮҺІ')")
        await connection.close()
        async with Redis.from_url(endpoints.valkey_url) as valkey:
            assert await valkey.set("nonce", "1", nx=True)
            assert (await valkey.config_get("port")) == {"port": "0"}
    assert settings == {
        "listen_addresses": "",
        "fsync": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "jit": "off",
    }
    assert tuple(locale) == ("b", "PG_UNICODE_FAST", "UTF8")
    assert lower == "әғқңөұүһі"
    assert has_ended(home)


async def test_refused_row_leaves_no_personal_data_in_the_logs(home: Path) -> None:
    with servers.running(home) as endpoints:
        connection = await asyncpg.connect(endpoints.database_url)
        await connection.execute("CREATE TABLE person (iin text PRIMARY KEY)")
        await connection.execute("INSERT INTO person VALUES ('850101300123')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO person VALUES ('850101300123')")
        await connection.close()
        servers.stop(home)
    logs = list(place_for(home).folder.rglob("*.log"))
    assert len(logs) >= 4
    assert not any(b"850101300123" in log.read_bytes() for log in logs)


async def test_path_may_be_long_with_spaces_and_kazakh_letters(home: Path) -> None:
    deep = home / "Менің құжаттарым" / ("a long name " * 8).strip()
    with servers.running(deep) as endpoints:
        assert await ask(endpoints.database_url, "SELECT 1") == 1
        async with Redis.from_url(endpoints.valkey_url) as valkey:
            assert await valkey.ping()
        servers.stop(deep)


async def test_two_homes_run_side_by_side(home: Path) -> None:
    one, other = home / "one", home / "other"
    with servers.running(one) as first, servers.running(other) as second:
        await ask(first.database_url, "CREATE TABLE only_here ()")
        assert await ask(second.database_url, "SELECT to_regclass('only_here')") is None
        assert first.valkey_url != second.valkey_url
        servers.stop(one)
        assert await ask(second.database_url, "SELECT 1") == 1
        servers.stop(other)


async def test_stopped_by_hand_the_next_call_starts_them_again(home: Path) -> None:
    endpoints = servers.ensure(home)
    await ask(endpoints.database_url, "CREATE TABLE kept ()")
    assert servers.stop(home)
    assert servers.state(home) is None
    assert not servers.stop(home)

    assert servers.ensure(home) == endpoints
    assert await ask(endpoints.database_url, "SELECT to_regclass('kept')::text") == "kept"


async def test_servers_of_a_removed_folder_end_and_new_ones_take_its_place(
    home: Path, user
) -> None:
    user(home).database_url()
    folder = place_for(home).folder
    moved = folder.rename(home / "elsewhere")

    endpoints = servers.ensure(home)
    old = locks.acquire(moved / "postgres.lock", timeout_s=ENDS_WITHIN_S)
    assert old is not None
    os.close(old)
    assert await ask(endpoints.database_url, "SHOW data_checksums") == "on"


def test_named_servers_are_used_and_nothing_starts(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, "postgresql://db.example/saqtau")
    monkeypatch.setenv(VALKEY_VARIABLE, "redis://cache.example:6379/0")
    for endpoints in (servers.ensure(home), *_inside(home)):
        assert endpoints.database_url == "postgresql://db.example/saqtau"
        assert endpoints.valkey_url == "redis://cache.example:6379/0"
        assert not endpoints.embedded
    assert not home.exists()


def _inside(home: Path) -> list[servers.Endpoints]:
    with servers.running(home) as endpoints:
        return [endpoints]


async def test_one_named_server_is_joined_by_an_embedded_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VALKEY_VARIABLE, "redis://cache.example:6379/0")
    with servers.running(home) as endpoints:
        assert endpoints.valkey_url == "redis://cache.example:6379/0"
        assert await ask(endpoints.database_url, "SELECT 1") == 1
        servers.stop(home)
