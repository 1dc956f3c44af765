"""Valkey: how it is started and asked."""

import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from infra.servers.errors import ServersUnavailable
from infra.servers.model import Readiness
from infra.servers.place import Place
from infra.servers.server import Server, read_pid

_LOG_BYTES = 10_000_000
# What Valkey says last when it refuses to load what a power cut left.
_LAST_WORDS = 8
_DAMAGE = (
    "Bad file format reading the append only file",
    "Unexpected end of file reading the append only file",
    "Unrecoverable error reading the append only file",
    "FATAL AOF MANIFEST FILE ERROR",
    "Internal error in RDB reading",
    "Short read or OOM loading DB",
)


def readiness(place: Place) -> Readiness:
    """What Valkey's socket answers now."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(3)
            connection.connect(str(place.valkey_socket))
            connection.sendall(b"PING\r\n")
            answer = connection.recv(64)
    except OSError:
        return Readiness.SILENT
    return Readiness.READY if answer.startswith(b"+PONG") else Readiness.STARTING


class Valkey(Server):
    """The Valkey of one checkout. Nothing that matters lives only there."""

    name: ClassVar[str] = "valkey"
    title: ClassVar[str] = "Valkey"
    stop_steps: ClassVar[Sequence[tuple[signal.Signals, float]]] = (
        (signal.SIGTERM, 20.0),
        (signal.SIGKILL, 10.0),
    )

    @property
    def socket(self) -> Path:
        """The socket it listens on."""
        return self.place.valkey_socket

    def readiness(self) -> Readiness:
        """What its socket answers now."""
        return readiness(self.place)

    def prepare(self, lock_fd: int) -> None:
        """Create the data folder and clear the socket of a killed server."""
        del lock_fd
        if not self.data.exists():
            self.data.mkdir(mode=0o700)
            if self.account:
                self.account.give(self.data)
        owner = self.data.stat().st_uid
        if self.account and owner != self.account.uid:
            raise ServersUnavailable(
                f"{self.data} belongs to user id {owner}, but as root the servers run as "
                f"'{self.account.name}': run as that user, or set SAQTAU_HOME."
            )
        self.socket.unlink(missing_ok=True)
        (self.data / "valkey.pid").unlink(missing_ok=True)

    def command(self, data: str) -> Sequence[str | Path]:
        """`valkey-server` with every setting."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": data,
            "pidfile": "valkey.pid",
            "logfile": "valkey.log",
            # A second of loss at most; the rewrite keeps the file small.
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # Full means refusing: a nonce or a limit must not be forgotten to make room.
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            # The command line is how an orphan is known.
            "proc-title-template": "{title} {unixsocket}",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [self.programs.valkey_server(), *options]

    def on_ready(self) -> None:
        """Nothing."""

    def recorded_pid(self) -> int | None:
        """What is in its pid file."""
        return read_pid(self.data / "valkey.pid")

    def logs(self) -> Sequence[Path]:
        """Its log file."""
        return [self.data / "valkey.log"]

    def trim_logs(self) -> None:
        """Keep one older log: Valkey opens the file anew for each line."""
        log = self.data / "valkey.log"
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.old"))

    def set_aside_damage(self) -> bool:
        """Move a damaged append-only file away; without it Valkey begins empty."""
        files = self.data / "appendonlydir"
        last_words = "\n".join(self.tail().splitlines()[-_LAST_WORDS:])
        if not files.exists() or not any(word in last_words for word in _DAMAGE):
            return False
        files.rename(self.data / f"appendonlydir.damaged-{time.time_ns()}")
        return True
