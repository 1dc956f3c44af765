"""`saqtau serve` has its verifying processes from the first request to the last, and no longer."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from infra import servers
from tests.app.processes import children, lives

pytestmark = pytest.mark.slow


@pytest.fixture
def service(endpoints: servers.Endpoints, database_url: str) -> Iterator["subprocess.Popen[bytes]"]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "backend.app.cli", "serve", "--port", str(port)],
        env={
            **os.environ,
            "SAQTAU_MODE": "test",
            "SAQTAU_TRUST": "test",
            "SAQTAU_DATABASE_URL": database_url,
            "SAQTAU_VALKEY_URL": endpoints.valkey_url,
            "SAQTAU_VERIFY_PROCESSES": "2",
            "SAQTAU_LOG_LEVEL": "WARNING",
        },
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    while True:
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1)
            break
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < until
    yield process
    process.kill()
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_they_come_and_go_with_the_service(
    service: "subprocess.Popen[bytes]", end: signal.Signals
) -> None:
    verifiers = children(service.pid, b"verify.worker")
    assert len(verifiers) == 2
    for pid in verifiers:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"SAQTAU" not in environment
    service.send_signal(end)
    _, said = service.communicate(timeout=60)
    assert b"Traceback" not in said
    until = time.monotonic() + 20
    while any(map(lives, verifiers)):
        assert time.monotonic() < until
        time.sleep(0.01)
