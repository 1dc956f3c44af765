"""`saqtau worker`: the background jobs."""

import asyncio

import click

from backend.app.runtime import configured


@click.command(help="Run the background jobs.")
def command() -> None:
    """Work until told to stop."""
    from backend.app.worker import run

    with configured() as config:
        asyncio.run(run(config))
