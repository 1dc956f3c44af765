"""`saqtau serve` in several processes that share one port (docs/adr/0022).

uvicorn keeps them: it replaces one that dies. They share nothing but the port; what they have in common
lies in PostgreSQL and Valkey. Their metrics are added up by prometheus_client in a folder of this run.
"""

import multiprocessing
import os
import signal
import tempfile
import threading
from typing import Any

import uvicorn

from backend.app.asgi import Application, create_app
from backend.kernel import logs
from backend.kernel.config import Config, from_environment
from backend.signing.algorithm import selection

HEALTH_TIMEOUT_S = 30  # a process that does not answer its keeper for so long is replaced


def serve(config: Config, processes: int, settings: dict[str, Any]) -> None:
    """Serve from `processes` processes until told to stop; open requests are finished first."""
    with tempfile.TemporaryDirectory(prefix="saqtau-metrics-") as metrics:
        os.environ |= {
            "PROMETHEUS_MULTIPROC_DIR": metrics,
            "SAQTAU_PROCESSES": str(processes),
            "SAQTAU_DATABASE_URL": config.database_url,
            "SAQTAU_VALKEY_URL": config.valkey_url,
            "SAQTAU_OBJECT_DIR": config.object_dir,
        }
        uvicorn.run(
            "backend.app.fleet:member",
            factory=True,
            workers=processes,
            timeout_worker_healthcheck=HEALTH_TIMEOUT_S,
            **settings,
        )


def member() -> Application:
    """The application of one of the processes: uvicorn calls this in each."""
    config = from_environment()
    logs.configure(config.log_level)
    selection.settle(config.gost_backend)
    keeper = multiprocessing.parent_process()
    if keeper is not None:
        threading.Thread(target=_end_with, args=(keeper,), name="keeper", daemon=True).start()
    return create_app(config)


def _end_with(keeper: Any) -> None:
    """A keeper that was killed leaves nobody behind on its port."""
    keeper.join()
    os.kill(os.getpid(), signal.SIGTERM)
