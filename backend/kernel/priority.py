"""Work in the background steps back on a machine it shares with people who wait for an answer.

PostgreSQL knows no priorities: the statement that issues a country's policies and the one that answers a citizen
take turns alike. Where the server runs on this machine (the embedded one, on Linux) the operating system can tell
them apart; anywhere else nothing changes.
"""

import os
import sys
from pathlib import Path
from typing import Final

# A third of what others get when both want the processor; all of it when nobody does.
NICE: Final = 5
_PROCESSES: Final = Path("/proc")
_GROUPS: Final = Path("/sys/fs/cgroup")


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
        return True  # it does not
    except BlockingIOError:
        pass  # ten a second may be told by others than root: this one's session keeps its share
    except OSError:
        return False
    return _count_as_idle(pid, process)


def _count_as_idle(pid: int, process: Path) -> bool:
    """Who wakes is put beside it at once, as on a free processor, and not in a queue behind others.

    Its share stays that of its session. Without sessions it would be next to nothing, and locks be held for seconds.
    """
    if sys.platform == "linux":
        try:
            if _shared_by_session(process):
                os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        except OSError:
            return False
    return True


def _shared_by_session(process: Path) -> bool:
    """Whether Linux shares the processors out among sessions: it does where no control group of its own stands above."""
    enabled = _PROCESSES / "sys" / "kernel" / "sched_autogroup_enabled"
    if not enabled.exists() or enabled.read_text().strip() != "1":
        return False
    for line in (process / "cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpu" in controllers.split(",") and path != "/":  # version 1
            return False
        # version 2: the root alone has no weight, and within a container "/" is not the root
        if not controllers and (_GROUPS / path.lstrip("/") / "cpu.weight").exists():
            return False
    return True
