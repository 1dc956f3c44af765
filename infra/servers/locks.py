"""Locks that the kernel drops when their holder dies, however it dies.

A lock here is a `flock` on an open file. It belongs to the open file, not to a process: a child
that inherits the descriptor holds it too, a zombie (whose descriptors are closed) does not, and
no process id can be mistaken for another. That answers "is it alive?" without guessing.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_S = 0.02


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def acquire(path: Path, *, timeout_s: float = 0.0) -> int | None:
    """Take the lock for ourselves alone; the descriptor, or None if it stayed taken."""
    return _acquire(path, fcntl.LOCK_EX, timeout_s)


def acquire_shared(path: Path, *, timeout_s: float = 0.0) -> int | None:
    """Take the lock together with others; the descriptor, or None if it stayed taken."""
    return _acquire(path, fcntl.LOCK_SH, timeout_s)


def _acquire(path: Path, how: int, timeout_s: float) -> int | None:
    fd = _open(path)
    deadline = time.monotonic() + timeout_s
    while not _try(fd, how):
        if time.monotonic() >= deadline:
            os.close(fd)
            return None
        time.sleep(_POLL_S)
    return fd


def is_held(path: Path) -> bool:
    """True when some process alone holds the lock (shared holders do not count)."""
    try:
        fd = _open(path)
    except FileNotFoundError:
        return False
    try:
        return not _try(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


def is_same_file(fd: int, path: Path) -> bool:
    """False when the locked file was deleted or replaced, so that the lock guards nothing."""
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def closing(fd: int) -> Iterator[int]:
    """Close our copy of the descriptor at the end; inherited copies keep the lock."""
    try:
        yield fd
    finally:
        os.close(fd)
