"""The journal of "Natural persons": numbers are IIN. Format: `backend.sources.journal`."""

from enum import StrEnum

import httpx

from backend.kernel.config import Config
from backend.sources import journal


class Kind(StrEnum):
    """What is recorded of a person. The first five are the facts of M §33(1) and §34(1)."""

    DEATH = "DEATH"
    DECLARED_DEAD = "DECLARED_DEAD"
    INCAPABLE = "INCAPABLE"
    LIMITED_CAPACITY = "LIMITED_CAPACITY"
    MISSING = "MISSING"
    DEPARTURE = "DEPARTURE"
    ANNULMENT = journal.ANNULMENT


async def events(http: httpx.AsyncClient, config: Config, after: str | None) -> journal.Page:
    """What the database recorded behind the cursor `after`. Raises SourceUnavailable."""
    return await journal.read(
        http, "gbd_fl", config.gbd_fl_url, after, timeout_s=config.source_timeout_s
    )
