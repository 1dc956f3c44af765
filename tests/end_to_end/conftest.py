"""Real processes over real sockets: what ends with them and what stays."""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import httpx
import pytest

from backend.app.demo.processes import Processes, free_port
from backend.kernel.config import Config
from infra import servers

Environment = Mapping[str, str]


@pytest.fixture
def environment(config: Config, endpoints: servers.Endpoints) -> dict[str, str]:
    """What a `saqtau` process needs to run on this test's database."""
    return {
        "SAQTAU_MODE": "test",
        "SAQTAU_DATABASE_URL": config.database_url,
        "SAQTAU_VALKEY_URL": endpoints.valkey_url,
        "SAQTAU_SECRET": config.secret,
        "SAQTAU_TRUST": "test",
        "SAQTAU_ISSUER_BIN": config.issuer_bin,
        "SAQTAU_LOG_LEVEL": "WARNING",
    }


@pytest.fixture
async def processes(tmp_path: Path) -> AsyncIterator[Processes]:
    """Child processes of this test, all ended with it."""
    made = Processes(tmp_path)
    yield made
    made.stop()


Serve = Callable[[], "AsyncIterator[str]"]


@pytest.fixture
def serve(processes: Processes, environment: dict[str, str]) -> Callable[[str], object]:
    """`url = await serve("a")` starts a service process of that name and waits until it is ready."""
    taken: set[int] = set()
    start_at = 8100 + (os.getpid() % 400) * 2

    async def start(name: str) -> str:
        port = free_port(taken, first=start_at)
        processes.start(name, ["serve"], {**environment, "SAQTAU_PORT": str(port)})
        url = f"http://127.0.0.1:{port}"
        await processes.wait_for(name, f"{url}/health/ready")
        return url

    return start


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client with many connections and no proxies."""
    async with httpx.AsyncClient(
        trust_env=False, timeout=30, limits=httpx.Limits(max_connections=100)
    ) as client:
        yield client
