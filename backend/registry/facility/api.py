"""Facilities over HTTP."""

from typing import Any

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, Actor, Role
from backend.kernel.clock import Clock, legal_date
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.registry.facility import closing, service
from backend.registry.facility.errors import (
    ClosedTooEarly,
    FacilityClosed,
    FacilityExists,
    FacilityNotFound,
)
from backend.registry.facility.model import CloseFacility, Facility, Near, NearbyList, NewFacility
from backend.web import limits, paging
from backend.web.guards import address_of, public, requires
from backend.web.limits import Limit
from backend.web.openapi import operation

NEAREST = Limit("nearest-clinics", 600, chat_most=60)
FACILITY = {
    "facility_id": "01980000-0000-7000-8000-000000000020",
    "organisation_id": "01980000-0000-7000-8000-000000000010",
    "name": "Негізгі ғимарат",
    "region": "Астана",
    "address": "Сарыарқа 1",
    "licence_address": None,
    "latitude": 51.1694,
    "longitude": 71.4491,
    "design_capacity": 500,
    "production": True,
    "digitised_at": "2026-04-06T04:00:00Z",
    "qr_obtained_at": None,
    "closed_on": None,
}


@post(
    "/organisations/me/facilities",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_OPERATOR)],
    tags=["registry"],
    **operation(
        "AddFacility",
        "Digitise a facility",
        discloses="nothing",
        errors=(AccountNotOpen, AccountBlocked, FacilityExists),
        body={
            "name": "Негізгі ғимарат",
            "region": "Астана",
            "address": "Сарыарқа 1",
            "latitude": 51.1694,
            "longitude": 71.4491,
            "photo_outside_sha256": "ab" * 32,
            "photo_inside_sha256": "cd" * 32,
            "accounting_186": {"kind": "polyclinic", "total_area_m2": 2400},
            "design_capacity": 500,
            "production": True,
        },
        answer=FACILITY,
    ),
)
async def add(
    data: JSONBody[NewFacility],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Facility:
    """Add a facility with photographs, coordinates and accounting data (M §6(4))."""
    return await service.add(db, clock, actor, data)


@get(
    "/organisations/me/facilities",
    guards=[requires(EXECUTOR)],
    tags=["registry"],
    **operation(
        "ListOwnFacilities",
        "The own facilities",
        discloses="nothing",
        errors=(AccountNotOpen, paging.BadCursor),
        answer={"items": [FACILITY], "next": None},
    ),
)
async def own(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
) -> paging.Page[Facility]:
    """List the facilities of the own organisation, a page at a time."""
    limit = paging.PAGE_MAX
    rows = await service.own(db, actor, after=paging.decode_uuid(cursor), limit=limit + 1)
    return paging.page(rows, limit, lambda f: f.facility_id)


@post(
    "/organisations/me/facilities/closures",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["registry"],
    **operation(
        "CloseFacility",
        "Close a facility",
        discloses="nothing",
        errors=(AccountNotOpen, AccountBlocked, FacilityNotFound, FacilityClosed, ClosedTooEarly),
        body={"facility_id": FACILITY["facility_id"], "closed_on": "2026-06-30"},
        answer=FACILITY | {"closed_on": "2026-06-30"},
    ),
)
async def close(
    data: JSONBody[CloseFacility],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Facility:
    """Tell from which day no care is given there (M §31); its people are listed to be attached anew."""
    return await closing.close(db, clock, actor, data)


@post(
    "/public/clinics/nearest",
    status_code=200,
    guards=[public],
    tags=["registry"],
    **operation(
        "FindNearestClinics",
        "Clinics near a place",
        discloses="nothing",
        guarded=False,
        body={"latitude": 43.297, "longitude": 68.252, "limit": 5},
        answer={
            "items": [
                {
                    "name": "Негізгі ғимарат",
                    "executor": "Түркістан қаласының № 2 емханасы",
                    "region": "Түркістан",
                    "address": "Тәуке хан 120",
                    "latitude": 43.301,
                    "longitude": 68.255,
                    "distance_m": 520,
                }
            ]
        },
    ),
)
async def nearest(
    request: Request[Any, Any, Any],
    data: JSONBody[Near],
    resources: NamedDependency[Resources],
) -> NearbyList:
    """Find where care is given nearby. The place is asked in the body, so that no log keeps it."""
    await limits.count(resources, (NEAREST, address_of(request)))
    today = legal_date(resources.clock.now())
    return NearbyList(await service.near(resources.db.registry, today, data))
