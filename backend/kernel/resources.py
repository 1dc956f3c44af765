"""What a process has open while it runs; the composition root (`app/resources`) opens and closes it."""

import httpx
import msgspec
import redis.asyncio as redis

from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.processes import Processes
from backend.kernel.sealing import Keyring


class Databases(msgspec.Struct, frozen=True):
    """One pool per wing, each under the wing's own database role (least power)."""

    signing: Db
    registry: Db
    visits: Db
    allocation: Db
    payments: Db
    egov: Db


class Resources(msgspec.Struct, frozen=True):
    """Everything a process opened at start and closes at its end."""

    config: Config
    db: Databases
    clock: Clock
    calendar: LegalCalendar
    keyring: Keyring
    valkey: redis.Redis
    http: httpx.AsyncClient
    verifiers: Processes | None = None  # without them, signatures are verified in a thread
