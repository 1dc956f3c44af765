"""The account the servers run under: ours, or as root an unprivileged one.

PostgreSQL refuses root. No account is created and no folder of the user's is opened to the
world: an existing account is taken, and a data folder it cannot reach by path (a home of mode
700) is handed over as an open descriptor.
"""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypedDict

from msgspec import Struct

from infra.servers.errors import ServersUnavailable

# initdb insists on an account with a name; these exist on every Linux and macOS.
_UNPRIVILEGED = ("nobody", "daemon")

# Nothing of the caller's environment (PGPORT, LD_LIBRARY_PATH, LANG…) reaches the servers.
ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C", "TZ": "UTC"}


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: Sequence[int]


class Account(Struct, frozen=True):
    """An unprivileged account that root lends to the servers."""

    name: str
    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Make the account the owner of `path`."""
        os.chown(path, self.uid, self.gid)


def server_account() -> Account | None:
    """None when the servers run under our own account; as root an unprivileged one.

    Raises ServersUnavailable when root finds none.
    """
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServersUnavailable(
        "PostgreSQL refuses to run as root and there is no account 'nobody' here: run as an "
        "ordinary user, or set SAQTAU_DATABASE_URL and SAQTAU_VALKEY_URL."
    )


def require_name() -> None:
    """Raise ServersUnavailable when our user id has no name, as in some containers."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise ServersUnavailable(
            f"PostgreSQL's initdb insists on an account with a name, and user id {os.geteuid()} "
            "has none here: run as a user that /etc/passwd knows (root will do), or set "
            "SAQTAU_DATABASE_URL and SAQTAU_VALKEY_URL."
        ) from None


def run(
    arguments: Sequence[str | Path], account: Account | None, *, pass_fds: Sequence[int] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end under the account; output and errors come back as one text."""
    return subprocess.run(  # noqa: S603 our own programs, no shell
        [str(a) for a in arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        env=ENVIRONMENT,
        cwd="/",
        pass_fds=pass_fds,
        **_identity(account),
    )


def spawn(
    arguments: Sequence[str | Path],
    account: Account | None,
    *,
    output: IO[bytes],
    pass_fds: Sequence[int],
) -> subprocess.Popen[bytes]:
    """Start a program as our child under the account."""
    return subprocess.Popen(  # noqa: S603 our own programs, no shell
        [str(a) for a in arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=ENVIRONMENT,
        cwd="/",
        pass_fds=pass_fds,
        **_identity(account),
    )


@contextmanager
def reachable(folder: Path, account: Account | None) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A name under which the account reaches `folder`, and the descriptors to pass on with it.

    Raises ServersUnavailable where the system has no such name (macOS).
    """
    if account is None or run(["test", "-w", folder], account).returncode == 0:
        yield str(folder), ()
        return
    if sys.platform != "linux":
        raise ServersUnavailable(
            f"the account '{account.name}', which runs the servers for root, cannot reach "
            f"{folder}: set SAQTAU_HOME to a folder that others may enter."
        )
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{fd}", (fd,)
    finally:
        os.close(fd)


def _identity(account: Account | None) -> _Identity:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}
