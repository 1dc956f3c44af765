"""Several processes behind one port: both serve, one that dies is replaced, none outlives its keeper."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from infra import servers
from tests.app.processes import children, lives

pytestmark = pytest.mark.slow
MEMBER = b"spawn_main"  # how uvicorn starts one
WITHIN_S = 60.0
COUNTED = re.compile(r'saqtau_requests_total\{.*path="/health/live".*\} (\d+)')


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


class Fleet:
    """A running `saqtau serve --processes 2`."""

    def __init__(self, keeper: "subprocess.Popen[bytes]", port: int) -> None:
        self.keeper, self.port = keeper, port

    def read(self, path: str) -> str:
        """What a connection of its own is answered; empty when nobody answers."""
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer,
        ):
            return str(answer.read().decode())
        return ""


@pytest.fixture
def fleet(endpoints: servers.Endpoints, database_url: str) -> Iterator[Fleet]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    keeper = subprocess.Popen(
        [sys.executable, "-m", "backend.app.cli", "serve", "--port", str(port), "--processes", "2"],
        env={
            **os.environ,
            "SAQTAU_MODE": "test",
            "SAQTAU_TRUST": "test",
            "SAQTAU_DATABASE_URL": database_url,
            "SAQTAU_VALKEY_URL": endpoints.valkey_url,
            "SAQTAU_LOG_LEVEL": "WARNING",
        },
        stderr=subprocess.DEVNULL,
    )
    running = Fleet(keeper, port)
    until(lambda: running.read("/health/live"))
    until(lambda: len(children(keeper.pid, MEMBER)) == 2)
    yield running
    keeper.kill()
    keeper.wait()


def test_one_that_dies_is_replaced_and_what_both_did_is_counted(fleet: Fleet) -> None:
    first, second = children(fleet.keeper.pid, MEMBER)
    asked = 40
    for _ in range(asked):
        until(lambda: fleet.read("/health/live"))
    counted = [int(n) for n in COUNTED.findall(fleet.read("/metrics"))]
    assert sum(counted) >= asked  # wherever a request went, and wherever the count is read
    os.kill(first, signal.SIGKILL)
    until(lambda: len(children(fleet.keeper.pid, MEMBER) - {first}) == 2)
    assert second in children(fleet.keeper.pid, MEMBER)
    until(lambda: fleet.read("/health/live"))


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_none_outlives_the_keeper(fleet: Fleet, end: signal.Signals) -> None:
    serving = children(fleet.keeper.pid, MEMBER)
    fleet.keeper.send_signal(end)
    fleet.keeper.wait(WITHIN_S)
    until(lambda: not any(map(lives, serving)))
    assert not any(map(lives, serving))
    with socket.create_server(("127.0.0.1", fleet.port)):  # the port is free again
        pass
