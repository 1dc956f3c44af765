"""Ask the state system of permits and notifications about holders of licences.

    POST {permits_url}/licences  {"numbers": ["061211600012", …]}                (at most 200)
    -> 200 {"holders": [{"number": "061211600012", "as_of": "2026-04-01T05:00:00Z",
            "licences": [{"number": "17001234", "activity": "MEDICAL", "status": "VALID",
                          "issued_on": "2020-01-10", "since": null, "document": null,
                          "annexes": [{"number": "001", "address": "…", "sub_kinds": ["…"],
                                       "status": "REVOKED", "issued_on": "2020-01-10",
                                       "since": "2026-04-02",
                                       "document": {"number", "issued_on", "issued_by"}}]}]}]}

One holder for each number (BIN or IIN, in the body only), in any order; a holder without licences has
an empty list. `as_of` says how old the record is: one older than KEPT counts as no answer, and no
answer is never a licence (D28). What changes is told by the journal (`{permits_url}/events`, format
of `backend.sources.journal`). Never inside a transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
import msgspec

from backend.kernel.config import Config
from backend.sources import exchange, journal
from backend.sources.exchange import SourceUnavailable
from backend.sources.permits.model import Annex, Holder, Licence, Status

SOURCE = "permits"
NUMBERS_MAX = 200
# The exchange is daily (domain 7.1); days off may lie between two of them.
KEPT = timedelta(days=4)


class _Question(msgspec.Struct, frozen=True):
    numbers: Sequence[str]


class _Answer(msgspec.Struct, frozen=True):
    holders: list[Holder]


async def ask(
    http: httpx.AsyncClient, config: Config, numbers: Sequence[str], *, now: datetime
) -> dict[str, Holder]:
    """Every licence of each number. Raises SourceUnavailable: then none of them is answered."""
    found: dict[str, Holder] = {}
    for part in exchange.portions(numbers, NUMBERS_MAX):
        told = await exchange.post_json(
            http,
            SOURCE,
            config.permits_url,
            "/licences",
            _Question(part),
            _Answer,
            timeout_s=config.source_timeout_s,
        )
        if not all(_sound(holder, now) for holder in told.holders):
            raise SourceUnavailable(source=SOURCE)
        found |= exchange.one_each(SOURCE, part, told.holders, lambda h: h.number)
    return found


async def events(http: httpx.AsyncClient, config: Config, after: str | None) -> journal.Page:
    """What was recorded of licences behind the cursor `after`. Raises SourceUnavailable."""
    return await journal.read(
        http, SOURCE, config.permits_url, after, timeout_s=config.source_timeout_s
    )


def _sound(holder: Holder, now: datetime) -> bool:
    """A fresh record, in which all that does not hold says since when."""
    papers: list[Licence | Annex] = list(holder.licences)
    papers += [annex for licence in holder.licences for annex in licence.annexes]
    dated = all((p.status is Status.VALID) == (p.since is None) for p in papers)
    return dated and exchange.is_fresh(holder.as_of, now, KEPT)
