"""A facility's visit day over HTTP, once and as a stream."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import ServerSentEvent, ServerSentEventMessage

from backend.kernel.actor import EXECUTOR, Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.visits.code.errors import FacilityNotFound
from backend.visits.day import service
from backend.visits.day.errors import DayWatchedTooMuch
from backend.visits.day.model import Day
from backend.web.guards import requires
from backend.web.openapi import operation

_DAY: dict[str, Any] = {
    "facility_id": "01980000-0000-7000-8000-000000000002",
    "facility": "№ 7 қалалық емхана",
    "visit_date": "2026-04-06",
    "visits": 42,
    "by_grade": {"QR_BIOMETRIC": 30, "QR_DOCUMENT": 2, "QR_ONLY": 8, "NONE": 2},
    "without_qr": 2,
    "by_hour": [*[0] * 8, 20, 22, *[0] * 14],
    "near": 36,
    "far": 1,
    "last_at": "2026-04-06T05:01:00Z",
}


@get(
    "/facilities/{facility_id:uuid}/visits/day",
    guards=[requires(EXECUTOR)],
    tags=["visits"],
    **operation(
        "GetVisitDay",
        "A facility's visit day so far",
        discloses="nothing",
        errors=(FacilityNotFound,),
        answer=_DAY,
    ),
)
async def get_day(
    facility_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Day:
    """Count today's visits of an own facility by grade, hour and nearness."""
    return await service.today(db, clock, actor, facility_id)


@get(
    "/facilities/{facility_id:uuid}/visits/day/events",
    guards=[requires(EXECUTOR)],
    tags=["visits"],
    media_type="text/event-stream",
    **operation(
        "FollowVisitDay",
        "Follow a facility's visit day",
        discloses="nothing",
        errors=(FacilityNotFound, DayWatchedTooMuch),
        answer='event: day\ndata: {"facility_id": "…", "visits": 42, …}\n\n',
    ),
    description="Server-sent events named `day`, each the whole day as JSON: at once, and within about a "
    "second of each change. The stream ends after a quarter of an hour; ask again.",
)
async def follow_day(
    facility_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> ServerSentEvent:
    """Send the day each time it has changed."""
    first = await service.today(db, clock, actor, facility_id)
    service.require_room(db, clock)

    async def messages() -> AsyncIterator[ServerSentEventMessage]:
        async for day in service.follow(db, clock, first):
            if day is None:
                yield ServerSentEventMessage(data=None, comment="…")
            else:
                yield ServerSentEventMessage(data=msgspec.json.encode(day).decode(), event="day")

    return ServerSentEvent(messages())
