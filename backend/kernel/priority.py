"""Work in the background steps back on a machine it shares with people who wait for an answer.

PostgreSQL knows no priorities: the statement that issues a country's policies and the one that answers a citizen
take turns alike. Where the server runs on this machine (the embedded one, on Linux) the operating system can tell
them apart; anywhere else nothing changes.
"""

import os
from pathlib import Path
from typing import Final

# A third of what others get when both want the processor; all of it when nobody does.
NICE: Final = 5
_PROCESSES: Final = Path("/proc")


def step_back(pid: int) -> bool:
    """Let the PostgreSQL process `pid` of this machine go after others; whether that could be done.

    Not when it is no such process, belongs to somebody else, or the system has no /proc: then all stays as it is.
    """
    process = _PROCESSES / str(pid)
    try:
        if not (process / "cmdline").read_bytes().startswith(b"postgres: "):
            return False
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
    except OSError:
        return False
    try:
        # each of them leads a session, and Linux may share the processors out among sessions
        (process / "autogroup").write_text(str(NICE))
    except FileNotFoundError:
        pass  # it does not
    except OSError:
        return False
    return True
