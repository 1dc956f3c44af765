"""The journals of the state databases over HTTP: how fresh they are, and the repair queue."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.state_event.errors import StateEventDecided, StateEventNotFound
from backend.registry.state_event.model import EventView, FeedView, Outcome, Resolve, Source
from backend.registry.state_event.service import repair
from backend.web import paging
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

EVENT_ID = "01980000-0000-7000-8000-000000000081"
EVENT = {
    "source": "gbd_fl",
    "event_id": EVENT_ID,
    "place": 1207,
    "kind": "DEATH",
    "happened_on": "2026-04-01",
    "registered_at": "2026-04-02T05:00:00Z",
    "received_at": "2026-04-06T04:00:00Z",
    "document": {"number": "12-34/567", "issued_on": "2026-04-02", "issued_by": "АХАТ"},
    "annuls": None,
    "account_id": None,
    "outcome": "WAITING",
    "run_id": None,
    "decided_at": None,
}
FEED = {
    "source": "gbd_fl",
    "answered_at": "2026-04-06T04:00:00Z",
    "next_at": "2026-04-06T04:01:00Z",
    "failures": 0,
    "pending": 0,
    "held": 0,
    "waiting": 12,
    "unclear": 1,
}


@get(
    "/state-feeds",
    guards=[requires(Role.REGISTRAR, ISSUER)],
    tags=["registry"],
    **operation(
        "ListStateFeeds",
        "How fresh the state databases are",
        discloses="nothing",
        answer=[FEED],
    ),
)
async def list_feeds(db: NamedDependency[Db]) -> list[FeedView]:
    """Tell when each state database last answered, and how many of its events wait (M §24)."""
    return await repair.feeds(db)


@get(
    "/state-events",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "ListStateEvents",
        "Events of a state database",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [EVENT], "next": None},
    ),
)
async def list_events(
    db: NamedDependency[Db],
    source: FromQuery[Source],
    outcome: FromQuery[Outcome],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[EventView]:
    """Show events by what became of them, without whose number they name.

    WAITING and UNCLEAR are the repair queue; HELD wait for a decision at `/brake/holds`.
    """
    after = paging.decode_int(cursor) or 0
    rows = await repair.page(db, source, outcome, after=after, limit=limit + 1)
    return paging.page(rows, limit, lambda event: event.place)


@post(
    "/state-events/resolutions",
    status_code=200,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "ResolveStateEvent",
        "Retry or discard an event of the repair queue",
        discloses="nothing",
        errors=(StateEventNotFound, StateEventDecided),
        body={
            "source": "gbd_fl",
            "event_id": EVENT_ID,
            "verdict": "DISCARD",
            "reason": "Қате жазба, дерекқор растады",
        },
        answer={**EVENT, "outcome": "DISCARDED", "decided_at": "2026-04-06T05:00:00Z"},
    ),
)
async def resolve(
    data: JSONBody[Resolve],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> EventView:
    """Try an event again, or put it aside for ever; who decided and why is kept."""
    return await repair.resolve(resources, actor, data)
