"""Time that never jumps, for lives of a minute: how long this machine has run.

A wall clock that is set back lets a short-lived thing live again (FAULTS 9). What was made and is
checked on one machine can be measured by this as well, whichever of its processes does it; between
machines the wall clock alone speaks.
"""

import hashlib
import os
import time
from functools import cache
from pathlib import Path

import msgspec

_BOOT_ID = Path(
    "/proc/sys/kernel/random/boot_id"
)  # Linux; elsewhere each process is its own machine
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps
MACHINE_BYTES = 4


class Reading(msgspec.Struct, frozen=True):
    """Milliseconds since the machine started, and which machine (since which start) it was."""

    machine: bytes
    ms: int

    def since(self, earlier: "Reading") -> int | None:
        """Milliseconds from `earlier` to this; None when they are of two machines or two starts."""
        return self.ms - earlier.ms if self.machine == earlier.machine else None


def now() -> Reading:
    """The present reading."""
    return Reading(_machine(), time.clock_gettime_ns(_CLOCK) // 1_000_000)


@cache
def _machine() -> bytes:
    try:
        started = _BOOT_ID.read_bytes()
    except OSError:
        started = os.urandom(16)
    return hashlib.sha256(started).digest()[:MACHINE_BYTES]
