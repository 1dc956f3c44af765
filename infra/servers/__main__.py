"""`python -m infra.servers status|stop`: the embedded servers of this checkout, for people."""

import sys

from infra.servers.client import state, stop
from infra.servers.errors import ServersUnavailable
from infra.servers.place import place_for

_USAGE = "usage: python -m infra.servers status|stop\n"


def main(arguments: list[str]) -> int:
    """Exit code 0: running, or stopped; 1: not running, or not stoppable; 2: misuse."""
    commands = {"status": _status, "stop": _stop}
    if len(arguments) != 1 or arguments[0] not in commands:
        sys.stderr.write(_USAGE)
        return 2
    try:
        return commands[arguments[0]]()
    except (ServersUnavailable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _status() -> int:
    place = place_for()
    found = state()
    sys.stdout.write(f"folder      {place.folder}\n")
    if found is None:
        sys.stdout.write("not running\n")
        return 1
    endpoints = place.endpoints()
    sys.stdout.write(
        f"{found.phase:<11} supervisor {found.pid} {found.detail}\n"
        f"PostgreSQL  {endpoints.database_url}\n"
        f"Valkey      {endpoints.valkey_url}\n"
    )
    return 0


def _stop() -> int:
    sys.stdout.write("stopped\n" if stop() else "not running\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
