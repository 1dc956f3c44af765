"""Where the embedded servers of this checkout live: folder, sockets, locks, state."""

import fcntl
import hashlib
import os
import re
import shutil
import uuid
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from infra.servers import locks
from infra.servers.account import Account
from infra.servers.errors import ServersUnavailable
from infra.servers.model import Endpoints, State

HOME_VARIABLE = "SAQTAU_HOME"
DATABASE = "saqtau"
SUPERUSER = "saqtau"
PORT = 5432  # part of the socket's name only: nothing listens on TCP

_IDENTITY = "identity"
_IDENTITY_WAIT_S = 10.0

CHECKOUT = Path(__file__).resolve().parents[2]

# A unix socket's path may have 103 bytes on macOS, 107 on Linux, which a home folder soon
# exceeds; TMPDIR on macOS is long too, and differs between sessions.
_SOCKET_ROOT = Path("/tmp")  # noqa: S108 the folder below is private and its owner is checked


class Place(Struct, frozen=True):
    """The files of one checkout's servers."""

    folder: Path
    sockets: Path

    @property
    def users_lock(self) -> Path:
        """Held together by every process that uses the servers."""
        return self.folder / "users.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held alone by the supervisor for its life."""
        return self.folder / "supervisor.lock"

    @property
    def stop_request(self) -> Path:
        """Its presence asks the supervisor to stop."""
        return self.folder / "stop"

    @property
    def supervisor_log(self) -> Path:
        """What the supervisor did."""
        return self.folder / "supervisor.log"

    @property
    def postgres_socket(self) -> Path:
        """Where PostgreSQL listens; libpq fixes the name."""
        return self.sockets / f".s.PGSQL.{PORT}"

    @property
    def valkey_socket(self) -> Path:
        """Where Valkey listens."""
        return self.sockets / "valkey.sock"

    def server_lock(self, name: str) -> Path:
        """Held by the processes of one server, as long as one of them lives."""
        return self.folder / f"{name}.lock"

    def endpoints(self) -> Endpoints:
        """The URLs of both servers on their sockets."""
        host = quote(str(self.sockets), safe="/")
        return Endpoints(
            database_url=f"postgresql://{SUPERUSER}@/{DATABASE}?host={host}&port={PORT}",
            valkey_url=f"unix://{self.valkey_socket}",
            folder=self.folder,
            sockets=self.sockets,
        )

    def read_state(self) -> State | None:
        """What the last supervisor wrote, or None."""
        try:
            return msgspec.json.decode((self.folder / "state.json").read_bytes(), type=State)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def write_state(self, state: State) -> None:
        """Replace the state in one step, so that a reader never sees half of it."""
        target = self.folder / "state.json"
        draft = self.folder / "state.json.new"
        draft.write_bytes(msgspec.json.encode(state))
        draft.replace(target)


def default_home() -> Path:
    """SAQTAU_HOME, else the user's data folder, else (root) the machine's."""
    named = os.environ.get(HOME_VARIABLE)
    if named:
        return Path(named).expanduser()
    if os.geteuid() == 0:
        return Path("/var/lib/saqtau")
    return Path("~/.local/share/saqtau").expanduser()


def place_for(home: Path | None = None) -> Place:
    """The place of this checkout under `home`; creates nothing.

    Two checkouts that share a home get two folders: a readable name and a hash of the root.
    """
    root = Path(os.path.abspath(home or default_home()))  # noqa: PTH100 no symlink is resolved
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", CHECKOUT.name).strip("-.") or "checkout"
    folder = root / f"{readable[:40]}-{_short_hash(str(CHECKOUT), 8)}"
    try:
        identity = (folder / _IDENTITY).read_text()
    except OSError:
        identity = ""
    return _place(folder, identity)


def open_place(home: Path | None = None) -> Place:
    """The place of this checkout, its folder created and writable.

    Raises ServersUnavailable, naming what to do, when it cannot be.
    """
    folder = place_for(home).folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _place(folder, _identity(folder))
    except OSError as error:
        raise ServersUnavailable(
            f"cannot write to {folder}: {error.strerror}. Make it writable for this user, "
            f"set {HOME_VARIABLE} to another folder, or set SAQTAU_DATABASE_URL and "
            "SAQTAU_VALKEY_URL to servers of your own."
        ) from None


def open_sockets(place: Place, account: Account | None) -> None:
    """Make the socket folder: reachable by the servers and by us, by nobody else.

    Anyone may write to /tmp, so a folder that waits there is used only if it is ours.
    """
    path = place.sockets
    owner = account.uid if account else os.geteuid()
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or not path.is_dir() or found.st_uid not in {owner, os.geteuid()}:
        raise ServersUnavailable(f"{path} belongs to somebody else; remove it and try again.")
    path.chmod(0o700)
    if account:
        account.give(path)
    # Cleaners of /tmp leave alone a folder on which somebody holds a lock. It lasts as long as
    # this process; one more when the folder had to be made again does no harm.
    fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_SH)


def remove_sockets(place: Place) -> None:
    """Forget the socket folder after the servers have ended."""
    shutil.rmtree(place.sockets, ignore_errors=True)


def _place(folder: Path, identity: str) -> Place:
    return Place(folder, _SOCKET_ROOT / f"saqtau-{_short_hash(f'{folder}:{identity}', 12)}")


def _identity(folder: Path) -> str:
    """What tells this folder from an earlier one of the same path, chosen by whoever comes first.

    Servers of a folder that was removed under them may live for a moment beside those of its
    successor: the two must not share a socket folder.
    """
    fd = locks.acquire(folder / _IDENTITY, timeout_s=_IDENTITY_WAIT_S)
    if fd is None:
        raise ServersUnavailable(f"{folder / _IDENTITY} is locked by another program.")
    with locks.closing(fd):
        found = os.read(fd, 64).decode()
        if found:
            return found
        made = uuid.uuid4().hex
        os.write(fd, made.encode())
        return made


def _short_hash(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]
