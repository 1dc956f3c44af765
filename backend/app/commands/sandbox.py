"""`saqtau sandbox`: the stand-ins of the outside systems, in one process."""

from datetime import UTC, datetime
from pathlib import Path

import click
import uvicorn

from backend.kernel import logs


@click.command(help="Run the stand-ins of the outside systems (never beside production).")
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8090, help="Port.")
@click.option(
    "--centre",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="Folder of a certification centre, made there if there is none; without it, one in memory.",
)
@click.option(
    "--ncalayer",
    type=click.IntRange(1, 65535),
    default=None,
    help="Port for a stand-in of NCALayer (its own is 13579); see docs/signing.md.",
)
def command(host: str, port: int, centre: Path | None, ncalayer: int | None) -> None:
    """Serve every stand-in until told to stop."""
    from infra.sandbox.app import create_sandbox
    from infra.sandbox.nca.centre import Centre
    from infra.sandbox.state import Sandbox

    logs.configure("WARNING")
    uvicorn.run(
        create_sandbox(Sandbox(Centre.at(centre, datetime.now(UTC)), centre), ncalayer),
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
    )
