"""What the stand-ins remember while their process lives, and the instant they believe it is."""

from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.sandbox.nca.centre import Centre
from infra.sandbox.people import People

OUTBOX_MAX = 50_000


class Sandbox:
    """The state of every stand-in. `offset` moves their clock, as the demo moves the service's."""

    def __init__(self, centre: Centre, folder: Path | None = None) -> None:
        self.centre = centre
        self.folder = folder
        self.offset = timedelta(0)
        self.sms: deque[dict[str, str]] = deque(maxlen=OUTBOX_MAX)
        self.sms_ids: set[str] = set()
        self.subscribers: dict[str, set[str]] = {}
        self.biometrics_key = ""
        self.biometric_outcome = "MATCH"
        self.switches: dict[str, Any] = {}
        self.people = People(centre, self.now)

    def now(self) -> datetime:
        """The stand-ins' instant, in UTC."""
        return datetime.now(UTC) + self.offset

    def set_clock(self, at: datetime) -> None:
        """Let it be `at` now."""
        self.offset = at - datetime.now(UTC)
