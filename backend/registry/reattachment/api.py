"""Who has to be attached anew, over HTTP."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.reattachment import service
from backend.registry.reattachment.model import Night, Reattachment, ReattachmentSummary
from backend.web import paging
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

EXECUTOR = "01980000-0000-7000-8000-000000000010"


@get(
    "/reattachments",
    guards=[requires(ISSUER, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        service.LIST,
        "People who have to be attached anew",
        discloses="person",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "person_id": "01980000-0000-7000-8000-000000000001",
                    "executor_id": EXECUTOR,
                    "facility_id": "01980000-0000-7000-8000-000000000020",
                    "reason": "EXECUTOR_BLOCKED",
                    "found_at": "2026-04-05T21:00:00Z",
                }
            ],
            "next": None,
        },
    ),
)
async def list_reattachments(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    executor_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Reattachment]:
    """List, by opaque id, who is attached to a blocked or closed executor or a closed facility.

    Nobody is detached for that: he stays where he is until his MIS or he himself chooses anew.
    """
    after = paging.decode_uuid(cursor)
    rows = await service.listed(resources, actor, executor_id=executor_id, after=after, limit=limit)
    return paging.page(rows, limit, lambda row: row.person_id)


@get(
    "/reattachments/summary",
    guards=[requires(ISSUER, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "CountReattachments",
        "Executors whose people have to be attached anew",
        discloses="nothing",
        answer=[
            {
                "executor_id": EXECUTOR,
                "executor_name": "Қалалық емхана № 1",
                "reason": "EXECUTOR_BLOCKED",
                "persons": 12345,
                "oldest_at": "2026-04-05T21:00:00Z",
            }
        ],
    ),
)
async def count_reattachments(db: NamedDependency[Db]) -> list[ReattachmentSummary]:
    """Count them by executor and reason, those with most first."""
    return await service.summary(db)


@get(
    "/reevaluations",
    guards=[requires(ISSUER, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "ListReevaluations",
        "What the last nights put right",
        discloses="nothing",
        answer=[
            {
                "day": "2026-04-06",
                "persons": 20000,
                "opened": 0,
                "moved": 0,
                "listed": 12345,
                "resolved": 0,
                "repaired": 17,
                "started_at": "2026-04-05T21:00:00Z",
                "finished_at": "2026-04-05T21:00:12Z",
            }
        ],
    ),
)
async def list_reevaluations(db: NamedDependency[Db], limit: PageLimit = 30) -> list[Night]:
    """Show the nights, the newest first: who was looked over, and what was found."""
    return await service.nights(db, limit=limit)
