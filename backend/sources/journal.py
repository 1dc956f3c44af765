"""The journal of a state database: what it recorded, page by page, behind a cursor.

    POST {url}/events  {"after": "1207" | null, "limit": 1000}
    -> 200 {"events": [{"event_id": uuid, "number": "900101300017", "kind": "DEATH",
                        "happened_on": "2026-04-01", "registered_at": "2026-04-02T05:00:00Z",
                        "document": {"number": "…", "issued_on": "2026-04-02", "issued_by": "…"},
                        "annuls": null}],
            "next": "1208", "more": false}

`after` is the cursor of the page before (null: from the beginning), `next` that of this one. A page
may come twice and events in any order: `event_id` alone tells one from another. `number` is an IIN or
a BIN, in the body and never in the address. `kind` is a word of the database, perhaps one we do not
know yet; `annuls` names the record that never held. Never inside a transaction.
"""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import httpx
import msgspec

from backend.sources import exchange

PAGE = 1_000  # events: a third of what one answer may weigh
ANNULMENT = "ANNULMENT"

Line = Annotated[
    str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*\Z")
]


class Document(msgspec.Struct, frozen=True):
    """The document a record rests on: its number, date and the body that issued it."""

    number: Line
    issued_on: date
    issued_by: Line


class Record(msgspec.Struct, frozen=True):
    """One event. `happened_on` is the legal day of the fact, `registered_at` when it was recorded."""

    event_id: UUID
    number: Annotated[str, msgspec.Meta(max_length=20)]
    kind: Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[A-Z][A-Z_]*\Z")]
    happened_on: date
    registered_at: Annotated[datetime, msgspec.Meta(tz=True)]
    document: Document
    annuls: UUID | None = None


class Page(msgspec.Struct, frozen=True):
    """Events as the journal has them, and where the next page begins."""

    events: Annotated[tuple[Record, ...], msgspec.Meta(max_length=PAGE)]
    next: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    more: bool


class _Question(msgspec.Struct, frozen=True):
    after: str | None
    limit: int


async def read(
    http: httpx.AsyncClient, source: str, url: str, after: str | None, *, timeout_s: float
) -> Page:
    """The events behind the cursor `after`. Raises SourceUnavailable."""
    question = _Question(after, PAGE)
    return await exchange.post_json(
        http, source, url, "/events", question, Page, timeout_s=timeout_s
    )
