"""Ask the depository whether organisations are registered and their statements of a year are posted.

    POST {dfo_url}/statements  {"year": 2025, "numbers": ["061211600012", …]}      (at most 200)
    -> 200 {"issuers": [{"number": "061211600012", "as_of": "2026-04-01T05:00:00Z",
                         "registered": true, "posted_on": "2026-03-30"}]}

One issuer for each number (BIN or IIN, in the body only), in any order. `posted_on` null: the annual
statements of that financial year are not posted. A record older than KEPT counts as no answer (D28).
Never inside a transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange
from backend.sources.exchange import SourceUnavailable

SOURCE = "dfo"
NUMBERS_MAX = 200
KEPT = timedelta(days=4)  # the exchange is daily (domain 7.1); days off may lie between


class Issuer(msgspec.Struct, frozen=True):
    """What the depository has of an organisation."""

    number: str
    as_of: datetime
    registered: bool
    posted_on: date | None


class _Question(msgspec.Struct, frozen=True):
    year: int
    numbers: Sequence[str]


class _Answer(msgspec.Struct, frozen=True):
    issuers: list[Issuer]


async def ask(
    http: httpx.AsyncClient, config: Config, year: int, numbers: Sequence[str], *, now: datetime
) -> dict[str, Issuer]:
    """The depository's record of each number. Raises SourceUnavailable: then none is answered."""
    found: dict[str, Issuer] = {}
    for part in exchange.portions(numbers, NUMBERS_MAX):
        told = await exchange.post_json(
            http,
            SOURCE,
            config.dfo_url,
            "/statements",
            _Question(year, part),
            _Answer,
            timeout_s=config.source_timeout_s,
        )
        if not all(exchange.is_fresh(issuer.as_of, now, KEPT) for issuer in told.issuers):
            raise SourceUnavailable(source=SOURCE)
        found |= exchange.one_each(SOURCE, part, told.issuers, lambda i: i.number)
    return found
