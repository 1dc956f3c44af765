"""`saqtau worker`: the background jobs."""

import asyncio

import click

from backend.app.commands import console
from backend.app.runtime import configured
from backend.kernel.config import ConfigError


@click.command(help="Run the background jobs.")
def command() -> None:
    """Work until told to stop."""
    from backend.app.worker import run

    with configured() as config:
        try:
            asyncio.run(run(config))
        except ConfigError as e:
            console.bad_argument(str(e), "BAD_CONFIG")
