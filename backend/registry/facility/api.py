"""Facilities over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, ISSUER, Actor, Role
from backend.kernel.clock import legal_date
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.errors import (
    AccountBlocked,
    AccountNotOpen,
    ChangeInFuture,
    NothingToChange,
)
from backend.registry.directory.errors import AccountingWrong
from backend.registry.facility import changing, closing, service
from backend.registry.facility.errors import (
    ClosedTooEarly,
    FacilityClosed,
    FacilityExists,
    FacilityNotFound,
)
from backend.registry.facility.model import (
    ChangeFacility,
    CloseFacility,
    Facility,
    Near,
    NearbyList,
    NewFacility,
    Side,
)
from backend.registry.photograph.errors import (
    PhotoNotFound,
    PhotoNotUploaded,
    PhotoStoreUnavailable,
)
from backend.web import limits, paging
from backend.web.guards import address_of, public, requires
from backend.web.limits import Limit
from backend.web.openapi import operation

NEAREST = Limit("nearest-clinics", 600, chat_most=60)

# A picture is shown, never run; what it shows is for those who may, so nobody between us keeps it.
PICTURE = {
    "Cache-Control": "no-store",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
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
    "photo_outside_sha256": "ab" * 32,
    "photo_inside_sha256": "cd" * 32,
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
        errors=(
            AccountNotOpen,
            AccountBlocked,
            FacilityExists,
            PhotoNotUploaded,
            ChangeInFuture,
            AccountingWrong,
        ),
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
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Facility:
    """Add a facility with photographs, coordinates and accounting data (M §6(4)).

    The photographs are handed in before (`/organisations/me/photographs`) and named by their hash.
    """
    return await service.add(resources, actor, data)


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
    "/organisations/me/facilities/changes",
    guards=[requires(EXECUTOR_SIGNERS, Role.EXECUTOR_OPERATOR)],
    tags=["registry"],
    **operation(
        "ChangeFacility",
        "Enter what changed of a facility",
        discloses="nothing",
        errors=(
            AccountNotOpen,
            AccountBlocked,
            FacilityNotFound,
            FacilityClosed,
            FacilityExists,
            NothingToChange,
            ChangeInFuture,
            AccountingWrong,
            PhotoNotUploaded,
        ),
        body={
            "facility_id": FACILITY["facility_id"],
            "changed_on": "2026-06-01",
            "design_capacity": 650,
        },
        answer=FACILITY | {"design_capacity": 650},
    ),
)
async def change(
    data: JSONBody[ChangeFacility],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Facility:
    """Enter what changed on `changed_on`, within one working day (M §31); what is left out stays."""
    return await changing.change(resources, actor, data)


@get(
    "/facilities/{facility_id:uuid}/photographs/{side:str}",
    guards=[requires(EXECUTOR, ISSUER, Role.REGISTRAR, Role.MOH)],
    tags=["registry"],
    media_type="image/jpeg",
    **operation(
        "GetFacilityPhotograph",
        "A photograph of a facility",
        discloses="nothing",
        errors=(PhotoNotFound, PhotoStoreUnavailable),
        answer="(octets of a JPEG)",
    ),
)
async def get_photograph(
    facility_id: FromPath[UUID],
    side: FromPath[Side],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """`outside` or `inside`, as JPEG: for the executor whose it is, the issuer, registrar and ministry."""
    found = await service.photograph(resources, actor, facility_id, side)
    return Response(found, media_type="image/jpeg", headers=PICTURE)


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
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Facility:
    """Tell from which day no care is given there (M §31); its people are listed to be attached anew."""
    return await closing.close(resources, actor, data)


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
