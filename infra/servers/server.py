"""One embedded server: a child of the supervisor, or an orphan that a new supervisor adopts.

Every process of a server inherits the descriptor of its lock, so the lock is held exactly as
long as one of them lives. Process ids are used for signals only, and only after the command
line has shown that the process is ours.
"""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from infra.servers import account as accounts
from infra.servers import locks
from infra.servers.account import Account
from infra.servers.errors import ServersUnavailable
from infra.servers.model import Readiness
from infra.servers.place import Place
from infra.servers.programs import Programs

# Backends notice the death of their postmaster within milliseconds unless they are deep in a
# sort; an interrupted initdb ends by itself within seconds.
_LEAVE_S = 60.0
_POLL_S = 0.02
_TAIL_BYTES = 4000
_PROC = Path("/proc")  # macOS has none


class Server(ABC):
    """What PostgreSQL and Valkey have in common."""

    name: ClassVar[str]
    title: ClassVar[str]
    stop_steps: ClassVar[Sequence[tuple[signal.Signals, float]]]
    """Signals to end it, gentlest first, each with the seconds it is given."""

    def __init__(self, place: Place, account: Account | None, programs: Programs) -> None:
        self.place = place
        self.account = account
        self.programs = programs
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.place.folder / self.name

    @property
    def lock(self) -> Path:
        """Its lock."""
        return self.place.server_lock(self.name)

    @property
    @abstractmethod
    def socket(self) -> Path:
        """The socket it listens on."""

    @abstractmethod
    def readiness(self) -> Readiness:
        """What its socket answers now."""

    @abstractmethod
    def prepare(self, lock_fd: int) -> None:
        """Make the data folder fit to start on; the lock is ours."""

    @abstractmethod
    def command(self, data: str) -> Sequence[str | Path]:
        """Program and arguments; `data` names the data folder for the server's account."""

    @abstractmethod
    def recorded_pid(self) -> int | None:
        """The process id the server wrote down, true or stale."""

    @abstractmethod
    def logs(self) -> Sequence[Path]:
        """Log files, the one that was written last at the end."""

    @abstractmethod
    def on_ready(self) -> None:
        """What is left to do once it answers."""

    def set_aside_damage(self) -> bool:
        """True when the start failed for data that may be lost and now is out of the way."""
        return False

    @abstractmethod
    def trim_logs(self) -> None:
        """Keep the logs within bounds."""

    def is_alive(self) -> bool:
        """True while its main process lives; reaps it otherwise, so no zombie stays."""
        if self._child is not None:
            return self._child.poll() is None
        return locks.is_held(self.lock) and self._orphan_pid() is not None

    def adopt(self) -> bool:
        """Take over a server whose supervisor died; one that does not answer is stopped."""
        if not locks.is_held(self.lock):
            return False
        if self._orphan_pid() is not None and self.readiness() is not Readiness.SILENT:
            return True
        self.stop()
        return False

    def start(self) -> None:
        """Start it as our child; returns before it answers.

        Raises ServersUnavailable when the data cannot be used.
        """
        self._child = None
        fd = locks.acquire(self.lock, timeout_s=_LEAVE_S)
        if fd is None:
            raise ServersUnavailable(
                f"processes of an earlier {self.title} still use {self.data} and do not end."
            )
        with locks.closing(fd):
            self.prepare(fd)
            with (
                accounts.reachable(self.data, self.account) as (data, data_fds),
                self.start_log.open("wb") as output,
            ):
                self._child = accounts.spawn(
                    self.command(data), self.account, output=output, pass_fds=(fd, *data_fds)
                )

    def stop(self) -> None:
        """End it and every process it started; returns when the last has ended."""
        for step, patience_s in self.stop_steps:
            if self._has_ended():
                break
            pid = self._child.pid if self._child else self._orphan_pid()
            if pid is not None:
                os.kill(pid, step)
            deadline = time.monotonic() + patience_s
            while not self._has_ended() and time.monotonic() < deadline:
                time.sleep(_POLL_S)
        self._child = None

    @property
    def start_log(self) -> Path:
        """What it wrote before its own log began."""
        return self.place.folder / f"{self.name}-start.log"

    def tail(self) -> str:
        """The end of its logs, for an explanation; what was written last comes last."""
        texts = []
        found = [path for path in (self.start_log, *self.logs()[-1:]) if path.exists()]
        for path in sorted(found, key=lambda path: path.stat().st_mtime_ns):
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
                texts.append(file.read().decode(errors="replace"))
        return "\n".join(texts).strip()

    def failure(self) -> ServersUnavailable:
        """Why it did not come up, with the end of its log and what to do."""
        tail = self.tail()
        advice = ""
        if "No space left" in tail:
            advice = f" The disk is full: free some space at {self.place.folder}."
        last = "\n".join(tail.splitlines()[-8:])
        return ServersUnavailable(
            f"{self.title} did not start.{advice} Logs: {self.place.folder}. It said:\n{last}"
        )

    def _has_ended(self) -> bool:
        if self._child is not None and self._child.poll() is None:
            return False
        return not locks.is_held(self.lock)

    def _orphan_pid(self) -> int | None:
        pid = self.recorded_pid()
        if pid is not None and str(self.place.sockets) in command_line(pid):
            return pid
        return None


def read_pid(path: Path) -> int | None:
    """The number in the first line of a file, or None."""
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def command_line(pid: int) -> str:
    """Program and arguments of a process; empty for one that has ended, zombies included."""
    if _PROC.exists():
        try:
            raw = (_PROC / str(pid) / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return ""
        return raw.replace(b"\0", b" ").decode(errors="replace")
    return accounts.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], None).stdout
