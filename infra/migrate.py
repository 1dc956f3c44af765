"""Forward-only migrations: numbered SQL files, each in its own transaction, never changed once run.

Ours, and small, because the kept libraries bring a second PostgreSQL driver or an ORM
(docs/adr/0005-migrations.md). One process migrates at a time (advisory lock); a file whose text
changed after it ran is refused by its checksum.
"""

import hashlib
from pathlib import Path

import asyncpg
import msgspec

FOLDER = Path(__file__).parent / "migrations"
LOCK = 7_105_202
LOCK_TIMEOUT_S = 4  # a migration waits for running work no longer than this, then gives way


class MigrationError(RuntimeError):
    """The schema cannot be brought forward; the text says why and what to do."""


class Migration(msgspec.Struct, frozen=True):
    """One file: its number, its name, its text and the text's SHA-256."""

    number: int
    name: str
    sql: str
    sha256: str


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """The files in order; MigrationError when numbers repeat."""
    found: list[Migration] = []
    for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")):
        raw = path.read_bytes()
        number = int(path.name[:4])
        if found and found[-1].number == number:
            raise MigrationError(f"two migrations are numbered {number:04}")
        found.append(Migration(number, path.stem, raw.decode(), hashlib.sha256(raw).hexdigest()))
    return found


async def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Run what has not run yet; the names of what ran. Raises MigrationError."""
    files = migrations(folder)
    try:
        connection = await asyncpg.connect(url)
    except (OSError, ValueError, OverflowError, asyncpg.PostgresError, asyncpg.InterfaceError) as e:
        raise MigrationError(f"the database cannot be reached: {type(e).__name__}") from None
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
        await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS public.migration (
                number     integer PRIMARY KEY,
                name       text NOT NULL,
                sha256     text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        )
        return await _bring_forward(connection, files)
    finally:
        await connection.close()


async def _bring_forward(
    connection: "asyncpg.Connection[asyncpg.Record]", files: list[Migration]
) -> list[str]:
    rows = await connection.fetch("SELECT number, name, sha256 FROM public.migration")
    done = {r["number"]: r for r in rows}
    newest_known = max((f.number for f in files), default=0)
    if done and max(done) > newest_known:
        raise MigrationError(
            f"the database is at migration {max(done)}, newer than this release ({newest_known}): "
            "start the newer release"
        )
    unknown = sorted(done.keys() - {f.number for f in files})
    if unknown:
        raise MigrationError(
            f"the database ran migration {unknown[0]:04}, which is not in this release"
        )
    ran = []
    for file in files:
        if file.number in done:
            if done[file.number]["sha256"] != file.sha256:
                raise MigrationError(
                    f"{file.name} was changed after it ran: restore it and write a new migration"
                )
            continue
        if done and file.number < max(done):
            raise MigrationError(
                f"{file.name} came after {max(done):04} had run: give it the next free number"
            )
        await _run(connection, file)
        ran.append(file.name)
    return ran


async def _run(connection: "asyncpg.Connection[asyncpg.Record]", file: Migration) -> None:
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_S}s'")
        try:
            await connection.execute(file.sql)
        except asyncpg.LockNotAvailableError:
            raise MigrationError(
                f"{file.name}: running work holds a table for more than {LOCK_TIMEOUT_S} s: try again"
            ) from None
        except asyncpg.PostgresError as e:
            raise MigrationError(f"{file.name}: {e}") from e
        await connection.execute(
            "INSERT INTO public.migration (number, name, sha256) VALUES ($1, $2, $3)",
            file.number,
            file.name,
            file.sha256,
        )


async def pending(url: str, folder: Path = FOLDER) -> list[str]:
    """The names of the files that have not run, for the readiness check."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('public.migration')") is None:
            return [f.name for f in migrations(folder)]
        done = {r["number"] for r in await connection.fetch("SELECT number FROM public.migration")}
    finally:
        await connection.close()
    return [f.name for f in migrations(folder) if f.number not in done]
