"""`saqtau serve`: the HTTP service."""

from typing import Any

import click
import uvicorn

from backend.app.commands import console
from backend.app.connection import Connection
from backend.app.runtime import configured
from backend.kernel.clock import TzdataTooOld, require_tzdata
from backend.kernel.config import PROCESSES_MAX, Config

KEEP_ALIVE_S = 30
GRACE_S = 10


@click.command(help="Run the HTTP service.")
@click.option("--host", default=None, help="Address to listen on (SAQTAU_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port (SAQTAU_PORT).")
@click.option(
    "--processes",
    type=click.IntRange(1, PROCESSES_MAX),
    default=None,
    help="Processes that share the port, best one a core (SAQTAU_PROCESSES).",
)
def command(host: str | None, port: int | None, processes: int | None) -> None:
    """Serve until told to stop; open requests are finished first."""
    from backend.app import fleet
    from backend.app.asgi import create_app

    try:
        require_tzdata()
    except TzdataTooOld as e:
        console.bad_argument(str(e), "TZDATA_TOO_OLD")
    with configured() as config:
        how, count = settings(config, host, port), processes or config.processes
        if count == 1:
            uvicorn.run(create_app(config), **how)
        else:
            fleet.serve(config, count, how)


def settings(config: Config, host: str | None = None, port: int | None = None) -> dict[str, Any]:
    """How uvicorn serves. `X-Forwarded-For` is heard from the configured proxies alone: limits count by
    the address of who calls, and anyone may write a header (FAULTS 13)."""
    return {
        "host": host or config.host,
        "port": port or config.port,
        "loop": "uvloop",
        "http": Connection,
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "proxy_headers": bool(config.trusted_proxies),
        "forwarded_allow_ips": config.trusted_proxies,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": GRACE_S,
        "lifespan": "on",
    }
