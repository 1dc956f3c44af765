"""`saqtau demo`: the whole country on this machine, end to end, over real HTTP."""

import asyncio
from pathlib import Path

import click


@click.command(help="The whole country on this machine, end to end, over real HTTP.")
@click.option("--once", is_flag=True, help="Stop everything at the end instead of serving on.")
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Write the summary to this file.",
)
def command(once: bool, json_file: Path | None) -> None:
    """Exit 0 only if every check holds."""
    from backend.app.demo.run import run

    raise SystemExit(asyncio.run(run(once=once, json_file=json_file)))
