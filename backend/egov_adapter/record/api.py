"""A citizen's own record over HTTP: every route reads the session's person and no other."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend.egov_adapter.record import service
from backend.egov_adapter.record.model import Billed, OwnContribution, OwnVisit
from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

CITIZEN = [requires(Role.INSURED)]


def own(actor: Actor) -> UUID:
    """The person of the session."""
    assert actor.person_id is not None, "guarded: citizens only"
    return actor.person_id


@get(
    "/citizen/contributions",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListOwnContributions",
        "My deductions and contributions",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "contribution_id": "01980000-0000-7000-8000-000000000005",
                    "paid_on": "2026-03-20",
                    "period": "2026-03",
                    "kind": "deduction",
                    "amount_tiyn": 1020000,
                    "payer_bin": "100140000003",
                    "refunded_tiyn": 0,
                    "refunded_on": None,
                }
            ],
            "next": None,
        },
    ),
)
async def contributions(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[OwnContribution]:
    """List what was paid for me, the newest payment first (the columns of Appendix 3)."""
    return await service.contributions(db, own(actor), cursor, limit)


@get(
    "/citizen/visits",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListCitizenVisits",
        "My visits, with clinics' names",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "visit_id": "01980000-0000-7000-8000-000000000003",
                    "at": "2026-04-06T04:00:00Z",
                    "visit_date": "2026-04-06",
                    "facility": "№ 5 қалалық емхана",
                    "executor": "№ 5 қалалық емхана ШЖҚ КМК",
                    "grade": "QR_BIOMETRIC",
                }
            ],
            "next": None,
        },
    ),
)
async def visits(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[OwnVisit]:
    """List where I was, the newest first."""
    return await service.visits(db, own(actor), cursor, limit)


@get(
    "/citizen/billed",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListBilledServices",
        "What was billed in my name",
        errors=(BadCursor,),
        answer={
            "items": [
                {
                    "case_id": "01980000-0000-7000-8000-000000000009",
                    "service_date": "2026-04-06",
                    "service_code": "A02.001.000",
                    "service": "Терапевттің қабылдауы",
                    "executor": "№ 5 қалалық емхана ШЖҚ КМК",
                    "units": 1,
                    "amount_tiyn": 234567,
                    "state": "ACCEPTED",
                    "grade": "NONE",
                    "dispute": None,
                }
            ],
            "next": None,
        },
    ),
)
async def billed(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Billed]:
    """List the services clinics were, or want to be, paid for in my name; dispute what I never got."""
    return await service.billed(db, own(actor), language, cursor, limit)
