"""`saqtau registry verify`: prove the operation log of the configured database untouched."""

import asyncio
from typing import Any

import asyncpg
import click

from backend.app.commands import console


@click.group(no_args_is_help=False)
def command() -> None:
    """The registry's operation log."""


@command.command()
def verify() -> None:
    """Re-read the whole log, compute every hash anew and print its Merkle root."""
    from infra import servers

    try:
        with servers.running() as endpoints:
            document = asyncio.run(_verify(endpoints.database_url))
    except (servers.ServersUnavailable, OSError, asyncpg.PostgresError) as e:
        console.bad_argument(f"the database cannot be read: {e}", "DATABASE_UNREADABLE")
    except (ValueError, OverflowError, asyncpg.InterfaceError):
        # What the driver says here may repeat the address, password and all.
        console.bad_argument("SAQTAU_DATABASE_URL is no usable address", "DATABASE_UNREADABLE")
    console.answer(document, yes=document["ok"])


async def _verify(database_url: str) -> dict[str, Any]:
    from backend.kernel.db import open_db
    from backend.registry.log.verify import verify as verify_log

    db = await open_db(database_url, "saqtau_registry", max_size=1, application="saqtau-verify")
    try:
        found = await verify_log(db)
    finally:
        await db.close()
    document: dict[str, Any] = {
        "ok": found.ok,
        "operations": found.operations,
        "root": found.root,
    }
    if found.broken is None:
        return document
    broken = found.broken
    return {
        **document,
        "code": "LOG_BROKEN",
        "damage": broken.damage.value,
        "operation": {
            "subject_id": str(broken.subject_id) if broken.subject_id else None,
            "seq": broken.seq,
        },
    }
