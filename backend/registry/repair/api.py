"""The repair queue over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.registry.repair import service
from backend.registry.repair.model import Drop, Dropped, Feed, Repair, RepairSummary
from backend.web import paging
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

REPAIR = {
    "repair_id": "01980000-0000-7000-8000-000000000032",
    "feed": "attachments",
    "source": "050340000008",
    "run_id": "01980000-0000-7000-8000-000000000031",
    "place": 17,
    "code": "INSURED_NOT_FOUND",
    "path": "iin",
    "content": {
        "executor_bin": "090440002224",
        "since": "2026-04-06",
        "facility_id": "01980000-0000-7000-8000-000000000020",
        "seq": 17,
        "detached": False,
    },
    "status": "WAITING",
    "received_at": "2026-04-06T04:00:00Z",
    "tried_at": "2026-04-06T04:00:00Z",
    "closed_at": None,
}


@get(
    "/repairs",
    guards=[requires(Role.MIS, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "ListRepairs",
        "Rows of feeds that could not be taken",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [REPAIR], "next": None},
    ),
)
async def list_repairs(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    feed: FromQuery[Feed | None] = None,
    code: FromQuery[str | None] = None,
    run_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Repair]:
    """Show what waits and why, the oldest first: a source its own rows, the registrar all.

    The person is not named: `place` is the row's place in the batch, or its line in the file, `run_id`.
    """
    after = paging.decode_uuid(cursor)
    rows = await service.waiting(
        db, actor, feed=feed, code=code, run_id=run_id, after=after, limit=limit + 1
    )
    return paging.page(rows, limit, lambda repair: repair.repair_id)


@get(
    "/repairs/summary",
    guards=[requires(Role.MIS, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "CountRepairs",
        "How many rows wait for what",
        discloses="nothing",
        answer=[
            {
                "feed": "attachments",
                "source": "050340000008",
                "code": "INSURED_NOT_FOUND",
                "waiting": 12,
                "oldest_at": "2026-04-06T04:00:00Z",
            }
        ],
    ),
)
async def count_repairs(
    db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> list[RepairSummary]:
    """Count what waits by feed, source and reason: a source its own rows, the registrar all."""
    return await service.summary(db, actor)


@post(
    "/repairs/drops",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "DropRepairs",
        "Give up rows that will never be right",
        discloses="nothing",
        body={"repairs": [REPAIR["repair_id"]]},
        answer={"dropped": 1},
    ),
)
async def drop_repairs(
    data: JSONBody[Drop],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Dropped:
    """Drop rows from the queue; they stay on record as dropped, and may be told anew."""
    return await service.drop(db, clock, actor, data.repairs)
