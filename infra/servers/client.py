"""What the rest of the house calls: have the servers, leave them, stop them."""

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.servers import locks, postgres, valkey
from infra.servers.account import ENVIRONMENT
from infra.servers.errors import ServersUnavailable
from infra.servers.model import Endpoints, Phase, Readiness, State
from infra.servers.place import CHECKOUT, Place, open_place, place_for
from infra.servers.programs import installed_programs

DATABASE_VARIABLE = "SAQTAU_DATABASE_URL"
VALKEY_VARIABLE = "SAQTAU_VALKEY_URL"

WAIT_S = 600.0
"""Recovery after a crash replays up to max_wal_size (4 GB) of log: minutes on a slow disk."""

_SUPERVISOR = "infra.servers.supervisor"
_POLL_S = 0.02
_FIRST_WORD_S = 3.0
_NEXT_WORD_S = 10.0
_ATTEMPTS = 3
_STOP_S = 180.0
_LOG_BYTES = 1_000_000
# A new cluster takes 40 MB and its first log segments 64 MB.
_DISK_FLOOR_BYTES = 256_000_000

_log = logging.getLogger("saqtau.servers")
_leases: dict[Path, int] = {}
_leases_guard = threading.Lock()


def ensure(home: Path | None = None) -> Endpoints:
    """Have both servers for the rest of this process; starts them if nobody has.

    Servers named in SAQTAU_DATABASE_URL and SAQTAU_VALKEY_URL are used as they are; if one of
    the two is missing, the embedded ones fill the gap. Blocks, with warnings to the log, while
    PostgreSQL recovers. Raises ServersUnavailable. Source: CONTRACT.md, Environment.
    """
    named = _named_servers()
    if named is not None:
        return named
    place = open_place(home)
    with _leases_guard:
        lease = _leases.get(place.folder)
        if lease is None or not locks.is_same_file(lease, place.users_lock):
            _leases[place.folder] = _take_lease(place)
    _wait_until_ready(place)
    return _filled_from_environment(place.endpoints())


@contextmanager
def running(home: Path | None = None) -> Iterator[Endpoints]:
    """Have both servers within the block; the last user to leave lets them stop.

    Raises ServersUnavailable, as `ensure`.
    """
    named = _named_servers()
    if named is not None:
        yield named
        return
    place = open_place(home)
    with locks.closing(_take_lease(place)):
        _wait_until_ready(place)
        yield _filled_from_environment(place.endpoints())


def stop(home: Path | None = None) -> bool:
    """Stop the embedded servers, whoever uses them; False when none were running.

    Orphans of a killed supervisor are stopped too. Raises ServersUnavailable when they do not
    end in time.
    """
    place = place_for(home)
    found = False
    deadline = time.monotonic() + _STOP_S
    while time.monotonic() < deadline:
        if locks.is_held(place.supervisor_lock):
            found = True
            place.stop_request.touch()
        elif any(locks.is_held(place.server_lock(name)) for name in ("postgres", "valkey")):
            found = True
            _spawn_supervisor(place, uuid.uuid4().hex)
        else:
            place.stop_request.unlink(missing_ok=True)
            return found
        time.sleep(_POLL_S)
    raise ServersUnavailable(f"the servers in {place.folder} did not stop in {_STOP_S:.0f} s.")


def state(home: Path | None = None) -> State | None:
    """What the supervisor of this checkout says now; None when there is none."""
    place = place_for(home)
    return place.read_state() if locks.is_held(place.supervisor_lock) else None


def _named_servers() -> Endpoints | None:
    database_url = os.environ.get(DATABASE_VARIABLE)
    valkey_url = os.environ.get(VALKEY_VARIABLE)
    if database_url and valkey_url:
        return Endpoints(database_url, valkey_url)
    return None


def _filled_from_environment(embedded: Endpoints) -> Endpoints:
    return Endpoints(
        database_url=os.environ.get(DATABASE_VARIABLE) or embedded.database_url,
        valkey_url=os.environ.get(VALKEY_VARIABLE) or embedded.valkey_url,
        folder=embedded.folder,
        sockets=embedded.sockets,
    )


def _take_lease(place: Place) -> int:
    """Be counted as a user; waits while a supervisor is shutting down."""
    lease = locks.acquire_shared(place.users_lock, timeout_s=_STOP_S)
    if lease is None:
        raise ServersUnavailable(f"the servers in {place.folder} are stopping and do not end.")
    return lease


def _wait_until_ready(place: Place) -> None:
    began = time.monotonic()
    next_word = began + _FIRST_WORD_S
    token = ""
    attempts = 0
    while time.monotonic() - began < WAIT_S:
        if locks.is_held(place.supervisor_lock):
            found = place.read_state()
            if found and found.phase is Phase.READY and _answer(place):
                return
        else:
            attempts += _has_died(place, token)
            if attempts == _ATTEMPTS:
                raise ServersUnavailable(
                    f"the supervisor died {attempts} times: see {place.supervisor_log}."
                )
            token = uuid.uuid4().hex
            _spawn_supervisor(place, token)
        if time.monotonic() >= next_word:
            next_word += _NEXT_WORD_S
            _say_why(place, time.monotonic() - began)
        time.sleep(_POLL_S)
    raise ServersUnavailable(
        f"the servers in {place.folder} were not ready after {WAIT_S:.0f} s; see the logs there."
    )


def _answer(place: Place) -> bool:
    """True when both sockets answer: the state is older than a server killed just now."""
    return (
        valkey.readiness(place) is Readiness.READY
        and postgres.readiness(place, installed_programs()) is Readiness.READY
    )


def _has_died(place: Place, token: str) -> bool:
    """True when the supervisor we started is gone without a word; its word is raised."""
    found = place.read_state()
    if found is None or found.token != token:
        return False
    if found.phase is Phase.FAILED:
        raise ServersUnavailable(found.detail)
    return True


def _say_why(place: Place, waited_s: float) -> None:
    found = place.read_state()
    why = (found.detail or found.phase) if found else "no word from the supervisor"
    _log.warning("waiting for the embedded servers, %.0f s: %s", waited_s, why)


def _spawn_supervisor(place: Place, token: str) -> None:
    free_bytes = shutil.disk_usage(place.folder).free
    if free_bytes < _DISK_FLOOR_BYTES:
        raise ServersUnavailable(
            f"only {free_bytes // 1_000_000} MB are free at {place.folder}, PostgreSQL needs "
            f"{_DISK_FLOOR_BYTES // 1_000_000}: free some space, or set SAQTAU_HOME to another disk."
        )
    log = place.supervisor_log
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.old"))
    with log.open("ab") as output:
        ended = subprocess.run(  # noqa: S603 ourselves, no shell
            [sys.executable, "-m", _SUPERVISOR, place.folder, place.sockets, token],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={
                **ENVIRONMENT,
                postgres.FSYNC_VARIABLE: os.environ.get(postgres.FSYNC_VARIABLE, "on"),
                "PYTHONPATH": os.pathsep.join([str(CHECKOUT), *sys.path]),
            },
            cwd="/",
            start_new_session=True,
            check=False,
        )
    if ended.returncode != 0:
        last_words = log.read_text(errors="replace").splitlines()[-1:]
        raise ServersUnavailable(
            f"the supervisor could not start: {''.join(last_words)} (all of it in {log})."
        )
