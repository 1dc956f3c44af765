"""The state database "Legal entities": its journal (numbers are BIN, format `backend.sources.journal`),
and whether organisations are registered.

    POST {gbd_ul_url}/entities  {"numbers": ["061211600012", …]}                   (at most 200)
    -> 200 {"entities": [{"number": "061211600012", "as_of": "2026-04-01T05:00:00Z",
                          "status": "REGISTERED" | "LIQUIDATED" | "ABSENT", "head_iin": "…" | null}]}

One entity for each number, in any order; numbers of people stand in bodies only. A record older than
KEPT counts as no answer (D28). Never inside a transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange, journal
from backend.sources.exchange import SourceUnavailable

SOURCE = "gbd_ul"
NUMBERS_MAX = 200
KEPT = timedelta(days=1)  # asked when it matters (domain 7.1)


class Status(StrEnum):
    """How the database has a legal entity."""

    REGISTERED = "REGISTERED"
    LIQUIDATED = "LIQUIDATED"
    ABSENT = "ABSENT"


class Entity(msgspec.Struct, frozen=True):
    """A legal entity as the database has it now."""

    number: str
    as_of: datetime
    status: Status
    head_iin: str | None


class _Question(msgspec.Struct, frozen=True):
    numbers: Sequence[str]


class _Answer(msgspec.Struct, frozen=True):
    entities: list[Entity]


async def ask(
    http: httpx.AsyncClient, config: Config, numbers: Sequence[str], *, now: datetime
) -> dict[str, Entity]:
    """The record of each number. Raises SourceUnavailable: then none of them is answered."""
    found: dict[str, Entity] = {}
    for part in exchange.portions(numbers, NUMBERS_MAX):
        told = await exchange.post_json(
            http,
            SOURCE,
            config.gbd_ul_url,
            "/entities",
            _Question(part),
            _Answer,
            timeout_s=config.source_timeout_s,
        )
        if not all(exchange.is_fresh(entity.as_of, now, KEPT) for entity in told.entities):
            raise SourceUnavailable(source=SOURCE)
        found |= exchange.one_each(SOURCE, part, told.entities, lambda e: e.number)
    return found


class Kind(StrEnum):
    """What is recorded of a legal entity: the fact of M §33(2) and §34(2)."""

    LIQUIDATION = "LIQUIDATION"
    ANNULMENT = journal.ANNULMENT


async def events(http: httpx.AsyncClient, config: Config, after: str | None) -> journal.Page:
    """What the database recorded behind the cursor `after`. Raises SourceUnavailable."""
    return await journal.read(
        http, "gbd_ul", config.gbd_ul_url, after, timeout_s=config.source_timeout_s
    )
