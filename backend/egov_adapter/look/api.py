"""Who looked, over HTTP."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend.egov_adapter.look import service
from backend.egov_adapter.look.model import Look
from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page


@get(
    "/citizen/looks",
    guards=[requires(Role.INSURED)],
    tags=["egov"],
    **operation(
        "ListOwnLooks",
        "Who looked at my data",
        discloses="own",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "look_id": "01980000-0000-7000-8000-00000000000b",
                    "at": "2026-04-06T04:00:00Z",
                    "own": False,
                    "who": "№ 5 қалалық емхана ШЖҚ КМК (clinic's registration desk)",
                    "role": "executor_operator",
                    "staff": "5f0c9a1be27d",
                    "basis": "VISIT",
                    "why": "registered your visit",
                    "fields": ["ACCOUNT"],
                    "what": "state of the account",
                }
            ],
            "next": None,
        },
    ),
)
async def looks(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Look]:
    """List every read of my data by somebody else, and each of my own sessions once, the newest first."""
    db, now = resources.db.egov, resources.clock.now()
    person_id = await access_records.record_own(db, actor, "ListOwnLooks", at=now)
    return await service.looks(db, person_id, language, cursor, limit)
