"""Capacities of an announcement over HTTP."""

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from backend.allocation.capacity import service
from backend.allocation.capacity.model import CapacityView
from backend.allocation.plan.errors import AnnouncementNotFound
from backend.allocation.plan.examples import ANNOUNCEMENT_ID
from backend.kernel.actor import ISSUER
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode, page


class Requested(msgspec.Struct, frozen=True):
    """The systems will be asked."""

    announcement_id: UUID


@post(
    "/announcements/{announcement_id:uuid}/capacities",
    guards=[requires(ISSUER)],
    status_code=202,
    tags=["allocation"],
    **operation(
        "MeasureCapacities",
        "Ask the resource and equipment systems about the applicants",
        discloses="nothing",
        errors=(AnnouncementNotFound,),
        answer={"announcement_id": ANNOUNCEMENT_ID},
    ),
)
async def measure(announcement_id: FromPath[UUID], db: NamedDependency[Db]) -> Requested:
    """Both systems are asked anew; also done by itself when the window closes."""
    await service.request(db, announcement_id)
    return Requested(announcement_id)


@get(
    "/announcements/{announcement_id:uuid}/capacities",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ListCapacities",
        "What is known of the applicants' capacities",
        discloses="nothing",
        errors=(AnnouncementNotFound, BadCursor),
        answer={
            "items": [
                {
                    "row": {
                        "executor_id": "01980000-0000-7000-8000-0000000000a5",
                        "executor_name": "«Жетісу» клиникасы",
                        "service_type": "cdc",
                        "region": "75",
                        "unit": "service",
                        "capacity": 1000,
                        "as_of": "2026-04-01T05:00:00Z",
                        "sur": "KNOWN",
                        "sumt": "ABSENT",
                    },
                    "freshness": "FRESH",
                }
            ],
            "next": None,
        },
    ),
)
async def list_capacities(
    announcement_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[CapacityView]:
    """In force, with its age; what is stale or unknown stops a line that goes by capacity (D28)."""
    rows = await service.capacities(db, announcement_id, clock.now(), _after(cursor), limit)
    return page(rows, limit, _place)


def _place(view: CapacityView) -> str:
    row = view.row
    return f"{row.executor_id} {row.service_type} {row.region} {row.unit}"


def _after(cursor: str | None) -> service.Place | None:
    key = decode(cursor)
    if key is None:
        return None
    try:
        executor_id, service_type, region, unit = key.split(" ")
        return UUID(executor_id), service_type, region, unit
    except ValueError:
        raise BadCursor(path="cursor") from None


HANDLERS = [measure, list_capacities]
