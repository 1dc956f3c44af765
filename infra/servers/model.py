"""What the embedded servers tell: where they are, and how far they have come."""

from enum import StrEnum
from pathlib import Path

from msgspec import Struct


class Endpoints(Struct, frozen=True):
    """Where PostgreSQL and Valkey answer.

    `folder` holds data and logs, `sockets` the two unix sockets; both are None when the
    environment names real servers.
    """

    database_url: str
    valkey_url: str
    folder: Path | None = None
    sockets: Path | None = None

    @property
    def embedded(self) -> bool:
        """True when at least one of the two servers is ours."""
        return self.folder is not None


class Phase(StrEnum):
    """How far the supervisor has come."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"
    STOPPED = "stopped"


class State(Struct, frozen=True):
    """What the supervisor writes down for its users.

    `token` names the attempt to start it, so that a user knows its own failure from an
    older one; `detail` is text for people.
    """

    token: str
    pid: int
    phase: Phase
    detail: str = ""


class Readiness(StrEnum):
    """What a server's socket answers."""

    READY = "ready"
    STARTING = "starting"
    SILENT = "silent"
