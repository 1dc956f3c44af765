"""The process that owns the servers of one checkout, as long as anybody uses them.

`python -m infra.servers.supervisor FOLDER SOCKETS TOKEN` takes the supervisor's lock, leaves the
caller's session and returns; the process left behind starts the servers (or adopts those of a
supervisor that was killed), waits for them, restarts one that dies, and stops both when no
process has held the users' lock for a while. See docs/adr/0003-embedded-servers.md.
"""

import contextlib
import logging
import os
import signal
import sys
import time
from pathlib import Path

from infra.servers import locks
from infra.servers.account import server_account
from infra.servers.errors import ServersUnavailable
from infra.servers.model import Phase, Readiness, State
from infra.servers.place import Place, open_sockets, remove_sockets
from infra.servers.postgres import Postgres
from infra.servers.programs import installed_programs, programs_for
from infra.servers.server import Server
from infra.servers.valkey import Valkey

LINGER_S = 2.0
"""How long the servers stay after the last user left: a script's next command finds them."""

_TICK_STARTING_S = 0.02
_TICK_READY_S = 0.2
# Who asks whether a lock is held, holds it for an instant: no reason to give way.
_PROBE_S = 0.1
_TRIM_EVERY_S = 10.0
# More than proofs that kill servers in a loop need; a server that dies so often is broken.
_RESTARTS = 30
_RESTARTS_WITHIN_S = 60.0

_log = logging.getLogger("saqtau.servers.supervisor")


class Supervisor:
    """Both servers and the decision how long they run."""

    def __init__(self, place: Place, token: str, lock_fd: int) -> None:
        self._place = place
        self._token = token
        self._lock_fd = lock_fd
        self._servers: list[Server] = []
        self._ready: set[str] = set()
        self._was_ready: set[str] = set()
        self._restarts: list[float] = []
        self._told: State | None = None
        self._users_seen = time.monotonic()
        self._trimmed = 0.0
        self._terminated = False
        self._users_fd: int | None = None

    def run(self) -> None:
        """Serve until nobody uses the servers, then stop them. Failures go into the state."""
        signal.signal(signal.SIGTERM, self._on_terminate)
        end = State(self._token, os.getpid(), Phase.STOPPED)
        try:
            self._bring_up()
            self._watch()
        except ServersUnavailable as error:
            _log.error("%s", error)
            end = State(self._token, os.getpid(), Phase.FAILED, str(error))
        except Exception as error:
            _log.exception("the supervisor failed")
            end = State(
                self._token,
                os.getpid(),
                Phase.FAILED,
                f"{type(error).__name__}: {error}. See {self._place.supervisor_log}.",
            )
        self._tell(Phase.STOPPING)
        for server in reversed(self._servers):
            server.stop()
        remove_sockets(self._place)
        self._write(end)
        _log.info("stopped")

    def _on_terminate(self, *_: object) -> None:
        self._terminated = True

    def _bring_up(self) -> None:
        place = self._place
        account = server_account()
        open_sockets(place, account)
        shelves = (place.folder.parent, Path("/var/lib/saqtau"), place.sockets)
        programs = programs_for(account, installed_programs(), shelves)
        self._servers = [Postgres(place, account, programs), Valkey(place, account, programs)]
        for server in self._servers:
            if server.adopt():
                _log.info("adopted %s", server.title)
            else:
                server.start()

    def _watch(self) -> None:
        while not self._is_over():
            for server in self._servers:
                self._tend(server)
            if len(self._ready) == len(self._servers):
                self._tell(Phase.READY)
                time.sleep(_TICK_READY_S)
            else:
                self._tell(Phase.STARTING)
                time.sleep(_TICK_STARTING_S)
            self._trim()

    def _tend(self, server: Server) -> None:
        if server.name in self._ready and not server.socket.exists():
            _log.warning("the socket of %s was removed", server.title)
            server.stop()
        if not server.is_alive():
            self._ready.discard(server.name)
            self._restart(server)
        if server.name not in self._ready and server.readiness() is Readiness.READY:
            server.on_ready()
            self._ready.add(server.name)
            self._was_ready.add(server.name)
            _log.info("%s is ready", server.title)

    def _restart(self, server: Server) -> None:
        now = time.monotonic()
        self._restarts = [t for t in self._restarts if now - t < _RESTARTS_WITHIN_S] + [now]
        may_restart = server.name in self._was_ready or server.set_aside_damage()
        if not may_restart or len(self._restarts) > _RESTARTS:
            raise server.failure()
        _log.warning("%s ended unexpectedly: starting it again", server.title)
        self._tell(Phase.STARTING)
        open_sockets(self._place, server.account)
        server.start()

    def _is_over(self) -> bool:
        if self._terminated or self._place.stop_request.exists():
            return True
        if not locks.is_same_file(self._lock_fd, self._place.supervisor_lock):
            _log.warning("the folder was removed")
            return True
        alone_fd = locks.acquire(self._place.users_lock)
        if alone_fd is None:
            self._users_seen = time.monotonic()
            return False
        if time.monotonic() - self._users_seen < LINGER_S:
            os.close(alone_fd)
            return False
        # Kept until we have ended: who comes now waits, and finds a clean house.
        self._users_fd = alone_fd
        return True

    def _trim(self) -> None:
        if time.monotonic() - self._trimmed > _TRIM_EVERY_S:
            self._trimmed = time.monotonic()
            for server in self._servers:
                server.trim_logs()

    def _tell(self, phase: Phase) -> None:
        waiting = [s for s in self._servers if s.name not in self._ready]
        detail = ""
        if phase is Phase.STARTING and waiting:
            last = waiting[0].tail().splitlines()[-1:]
            detail = f"{waiting[0].title}: {last[0] if last else 'starting'}"
        self._write(State(self._token, os.getpid(), phase, detail))

    def _write(self, state: State) -> None:
        if state != self._told:
            with contextlib.suppress(OSError):  # the folder is gone or full: serve on
                self._place.write_state(state)
            self._told = state


def main() -> int:
    """Leave a supervisor behind, unless one is there already; returns the exit code."""
    folder, sockets, token = sys.argv[1:]
    place = Place(Path(folder), Path(sockets))
    lock_fd = locks.acquire(place.supervisor_lock, timeout_s=_PROBE_S)
    if lock_fd is None:
        return 0
    place.stop_request.unlink(missing_ok=True)
    place.write_state(State(token, os.getpid(), Phase.STARTING))
    if os.fork() != 0:
        os._exit(0)  # the child holds the lock on; the caller has no child to wait for
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    Supervisor(place, token, lock_fd).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
