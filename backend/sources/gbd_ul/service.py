"""The journal of "Legal entities": numbers are BIN. Format: `backend.sources.journal`."""

from enum import StrEnum

import httpx

from backend.kernel.config import Config
from backend.sources import journal


class Kind(StrEnum):
    """What is recorded of a legal entity: the fact of M §33(2) and §34(2)."""

    LIQUIDATION = "LIQUIDATION"
    ANNULMENT = journal.ANNULMENT


async def events(http: httpx.AsyncClient, config: Config, after: str | None) -> journal.Page:
    """What the database recorded behind the cursor `after`. Raises SourceUnavailable."""
    return await journal.read(
        http, "gbd_ul", config.gbd_ul_url, after, timeout_s=config.source_timeout_s
    )
