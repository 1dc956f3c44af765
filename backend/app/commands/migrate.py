"""`saqtau migrate`: bring the database to the newest schema."""

import asyncio

import click

from backend.app.commands import console
from backend.app.runtime import database
from infra import migrate as migrations


@click.command(help="Bring the database to the newest schema.")
def command() -> None:
    """Run the migrations that have not run and print their names."""
    with database() as url:
        try:
            ran = asyncio.run(migrations.migrate(url))
        except migrations.MigrationError as e:
            console.refuse("MIGRATION_FAILED", str(e))
        console.answer({"ran": ran}, yes=True)
