"""A citizen's own record over HTTP: every route reads the session's person and no other."""

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from backend.egov_adapter.record import service
from backend.egov_adapter.record.errors import NoPolicy, NotAttached
from backend.egov_adapter.record.model import (
    Billed,
    OwnCard,
    OwnClinic,
    OwnContribution,
    OwnMonth,
    OwnPolicy,
    OwnStatus,
    OwnVisit,
)
from backend.kernel.actor import Actor, Role
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.person.errors import InsuredNotFound
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page
from backend.web.problems import language_of

_POLICY = {
    "policy_id": "01980000-0000-7000-8000-000000000006",
    "number": "2026-0000000001",
    "year": 2026,
    "status": "CREDITED",
    "gvfmc": True,
    "mhi": True,
    "service_list": "GVFMC+MHI",
    "issued_on": "2026-04-06",
    "valid_from": "2026-04-06",
    "valid_to": "2026-12-31",
    "executor_id": "01980000-0000-7000-8000-000000000004",
    "executor": "№ 5 қалалық емхана ШЖҚ КМК",
}
CITIZEN = [requires(Role.INSURED)]
# The most asked take `resources` alone: each further dependency is a task of its own (docs/bench.md).


async def own(resources: Resources, actor: Actor, operation: str) -> UUID:
    """The person of the session; its first read is noted."""
    now = resources.clock.now()
    return await access_records.record_own(resources.db.egov, actor, operation, at=now)


@get(
    "/citizen/status",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "GetOwnStatus",
        "Am I insured?",
        discloses="own",
        answer={
            "on": "2026-04-06",
            "status": "CONSUMER",
            "basis": "PAID_MONTH",
            "until": "2026-04-30",
            "arrears": {"months": [], "amount_tiyn": 0},
            "explanation": "You are insured on 6 April 2026. …",
        },
    ),
)
async def status(
    request: Request[Actor, Any, Any], resources: NamedDependency[Resources]
) -> OwnStatus:
    """Tell whether I am insured today, on what ground, until when, and what to do."""
    language = language_of(request.headers.get("accept-language"))
    person_id = await own(resources, request.user, "GetOwnStatus")
    return await service.status(resources.db.egov, resources.clock, person_id, language)


@get(
    "/citizen/policy",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "GetOwnPolicy",
        "My policy of this year",
        discloses="own",
        errors=(NoPolicy,),
        answer=_POLICY,
    ),
)
async def policy(
    request: Request[Actor, Any, Any], resources: NamedDependency[Resources]
) -> OwnPolicy:
    """Show my policy: its number, status, packages and validity."""
    person_id = await own(resources, request.user, "GetOwnPolicy")
    return await service.policy(resources.db.egov, resources.clock, person_id)


@get(
    "/citizen/policy/card",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "GetOwnPolicyCard",
        "My policy card, complete",
        discloses="own",
        errors=(NoPolicy, InsuredNotFound),
        answer={
            "policy": _POLICY,
            "holder": {
                "full_name": "Ахметова Айгүл Серікқызы",
                "iin": "900101300017",
                "address": "Алматы, Абай 1",
                "document_no": "N01234567",
            },
            "issuer": {
                "name": "Әлеуметтік медициналық сақтандыру қоры",
                "bin": "061211600012",
                "address": "Астана, Мәңгілік Ел 8",
            },
            "registrar": {
                "name": "«Ақпараттық-есептеу орталығы» АҚ",
                "bin": "050540000018",
                "address": "Астана",
            },
        },
    ),
)
async def card(resources: NamedDependency[Resources], actor: NamedDependency[Actor]) -> OwnCard:
    """Show the policy with its holder and issuer, as M §36 lists them."""
    return await service.card(resources, await own(resources, actor, "GetOwnPolicyCard"))


@get(
    "/citizen/contributions",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListOwnContributions",
        "My deductions and contributions",
        discloses="own",
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
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[OwnContribution]:
    """List what was paid for me, the newest payment first (the columns of Appendix 3)."""
    person_id = await own(resources, actor, "ListOwnContributions")
    return await service.contributions(resources.db.egov, person_id, cursor, limit)


@get(
    "/citizen/visits",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListCitizenVisits",
        "My visits, with clinics' names",
        discloses="own",
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
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[OwnVisit]:
    """List where I was, the newest first."""
    person_id = await own(resources, actor, "ListCitizenVisits")
    return await service.visits(resources.db.egov, person_id, cursor, limit)


@get(
    "/citizen/billed",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListBilledServices",
        "What was billed in my name",
        discloses="own",
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
                    "mark": None,
                    "dispute": None,
                }
            ],
            "next": None,
        },
    ),
)
async def billed(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Billed]:
    """List the services clinics were, or want to be, paid for in my name; dispute what I never got."""
    person_id = await own(resources, actor, "ListBilledServices")
    return await service.billed(resources.db.egov, person_id, language, cursor, limit)


@get(
    "/citizen/contributions/months",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListOwnMonths",
        "My contributions by month",
        discloses="own",
        answer=[{"month": "2026-04", "amount_tiyn": 1020000, "receipts": 1, "state": "PAID"}],
    ),
)
async def months(
    resources: NamedDependency[Resources], actor: NamedDependency[Actor]
) -> list[OwnMonth]:
    """List the last twelve months and this one: what came for each, and which are owed."""
    person_id = await own(resources, actor, "ListOwnMonths")
    return await service.months(resources.db.egov, resources.clock, person_id)


@get(
    "/citizen/clinic",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "GetOwnClinic",
        "My clinic",
        discloses="own",
        errors=(NotAttached,),
        answer={
            "executor_id": "01980000-0000-7000-8000-000000000004",
            "executor": "№ 5 қалалық емхана ШЖҚ КМК",
            "facility_id": "01980000-0000-7000-8000-000000000002",
            "facility": "№ 5 қалалық емхана",
            "address": "Алматы, Абай 1",
            "since": "2024-01-15",
        },
    ),
)
async def clinic(resources: NamedDependency[Resources], actor: NamedDependency[Actor]) -> OwnClinic:
    """Show the clinic I am attached to, where it is, and since when."""
    person_id = await own(resources, actor, "GetOwnClinic")
    return await service.clinic(resources.db.egov, person_id)
