"""Migrations: forward only, unchanged once run, one process at a time, all or nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from infra import migrate, servers
from infra.migrate import MigrationError
from tests.conftest import with_database


@pytest.fixture
async def empty(endpoints: servers.Endpoints) -> AsyncIterator[str]:
    """The URL of a database with nothing in it."""
    name = f"migrate_{uuid4().hex}"
    admin = await asyncpg.connect(endpoints.database_url)
    await admin.execute(f'CREATE DATABASE "{name}"')
    yield with_database(endpoints.database_url, name)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "0001_one.sql", "CREATE TABLE one (x int);")
    write(tmp_path, "0003_three.sql", "CREATE TABLE three (x int); INSERT INTO three VALUES (3);")
    return tmp_path


def write(folder: Path, name: str, sql: str) -> None:
    (folder / name).write_text(sql, encoding="utf-8")


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    finally:
        await connection.close()
    return {r["relname"] for r in rows}


async def test_each_file_runs_once_in_order(empty: str, folder: Path) -> None:
    assert await migrate.pending(empty, folder) == ["0001_one", "0003_three"]
    assert await migrate.migrate(empty, folder) == ["0001_one", "0003_three"]
    assert await migrate.migrate(empty, folder) == []
    write(folder, "0004_four.sql", "ALTER TABLE three ADD COLUMN y int;")
    assert await migrate.pending(empty, folder) == ["0004_four"]
    assert await migrate.migrate(empty, folder) == ["0004_four"]
    assert await migrate.pending(empty, folder) == []


async def test_a_file_that_fails_leaves_nothing_of_itself(empty: str, folder: Path) -> None:
    write(folder, "0005_bad.sql", "CREATE TABLE five (x int); SELECT 1/0;")
    with pytest.raises(MigrationError, match="0005_bad: division by zero"):
        await migrate.migrate(empty, folder)
    assert await tables(empty) == {"one", "three", "migration"}
    write(folder, "0005_bad.sql", "CREATE TABLE five (x int);")
    assert await migrate.migrate(empty, folder) == ["0005_bad"]


async def test_a_changed_file_is_refused(empty: str, folder: Path) -> None:
    await migrate.migrate(empty, folder)
    write(folder, "0001_one.sql", "CREATE TABLE one (x int); -- a comment")
    write(folder, "0004_four.sql", "CREATE TABLE four (x int);")
    with pytest.raises(MigrationError, match="0001_one was changed after it ran"):
        await migrate.migrate(empty, folder)
    assert "four" not in await tables(empty)


async def test_a_newer_database_is_refused_and_still_ready(empty: str, folder: Path) -> None:
    await migrate.migrate(empty, folder)
    (folder / "0003_three.sql").unlink()
    with pytest.raises(MigrationError, match="newer than this release"):
        await migrate.migrate(empty, folder)
    assert await migrate.pending(empty, folder) == []


async def test_history_is_neither_lost_nor_filled_in(empty: str, folder: Path) -> None:
    await migrate.migrate(empty, folder)
    write(folder, "0002_late.sql", "CREATE TABLE two (x int);")
    with pytest.raises(MigrationError, match="0002_late came after 0003"):
        await migrate.migrate(empty, folder)
    (folder / "0002_late.sql").unlink()
    (folder / "0001_one.sql").unlink()
    with pytest.raises(MigrationError, match="0001, which is not in this release"):
        await migrate.migrate(empty, folder)


def test_two_files_of_one_number_are_refused(folder: Path) -> None:
    write(folder, "0003_again.sql", "SELECT 1;")
    with pytest.raises(MigrationError, match="two migrations are numbered 0003"):
        migrate.migrations(folder)
    write(folder, "notes.sql", "not a migration")


async def test_many_migrators_at_once_run_each_file_once(empty: str, folder: Path) -> None:
    outcomes = await asyncio.gather(*(migrate.migrate(empty, folder) for _ in range(6)))
    assert sorted(outcomes, key=len)[-1] == ["0001_one", "0003_three"]
    assert sum(len(o) for o in outcomes) == 2


async def test_running_work_is_not_waited_for_long(
    empty: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate.migrate(empty, folder)
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_S", 0.2)
    write(folder, "0004_four.sql", "ALTER TABLE one ADD COLUMN y int;")
    busy = await asyncpg.connect(empty)
    async with busy.transaction():
        await busy.execute("SELECT * FROM one")
        with pytest.raises(MigrationError, match="running work holds a table"):
            await migrate.migrate(empty, folder)
    assert await migrate.migrate(empty, folder) == ["0004_four"]
    await busy.close()


async def test_a_database_that_is_not_there_is_said_without_its_password() -> None:
    for url in (
        "postgresql://u:pa55@127.0.0.1:1/x",
        "postgresql://u:pa55@/x?host=/nowhere",
        "no url pa55",
    ):
        with pytest.raises(MigrationError, match="cannot be reached") as refused:
            await migrate.migrate(url)
        assert "pa55" not in str(refused.value)


async def test_our_own_migrations_run_side_by_side_in_two_databases(
    endpoints: servers.Endpoints, template: str
) -> None:
    """Roles belong to the whole server: two databases must not trip over each other's."""
    admin = await asyncpg.connect(endpoints.database_url)
    names = [f"migrate_{uuid4().hex}" for _ in range(3)]
    for name in names:
        await admin.execute(f'CREATE DATABASE "{name}"')
    try:
        urls = [with_database(endpoints.database_url, name) for name in names]
        outcomes = await asyncio.gather(*(migrate.migrate(url) for url in urls))
        assert len({tuple(o) for o in outcomes}) == 1
        assert await migrate.migrate(urls[0]) == []
    finally:
        for name in names:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()
