"""Homes for embedded servers, and processes that use them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra import servers
from infra.servers.client import DATABASE_VARIABLE, VALKEY_VARIABLE

_USER = """
import sys
from pathlib import Path
from infra import servers
print(servers.ensure(Path(sys.argv[1])).database_url, flush=True)
sys.stdin.read()
"""


class User:
    """A process that has called `ensure` and stays until told to leave."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _USER, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def database_url(self) -> str:
        """Wait until it has the servers."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def leave(self) -> None:
        """End of its own accord."""
        self._process.communicate(timeout=30)

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self.leave()


@pytest.fixture(autouse=True)
def _no_named_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    monkeypatch.delenv(VALKEY_VARIABLE, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty home. Under root its parents are closed to the servers' account."""
    yield tmp_path / "home"
    os.environ.pop(DATABASE_VARIABLE, None)
    os.environ.pop(VALKEY_VARIABLE, None)
    servers.stop(tmp_path / "home")


@pytest.fixture
def user() -> Iterator[Callable[[Path], User]]:
    """Starts users; the ones that are left at the end are killed."""
    with ExitStack() as stack:

        def start(home: Path) -> User:
            one = User(home)
            stack.callback(one.kill)
            return one

        yield start
