"""The processes a service has started, as the system lists them."""

from contextlib import suppress
from pathlib import Path


def children(pid: int, word: bytes) -> set[int]:
    """The children of a process whose command line holds `word`."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and word in (folder / "cmdline").read_bytes():
                found.add(int(folder.name))
    return found


def lives(pid: int) -> bool:
    """It runs: it is there, and no zombie."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    except OSError:
        return False
