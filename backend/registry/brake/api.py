"""The brake over HTTP: what waits, deciding about it, and the limits."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED
from backend.registry.brake import rules, service
from backend.registry.brake.errors import (
    HoldDecided,
    HoldDiffers,
    HoldNotFound,
    HoldNotYours,
    LimitNeeded,
)
from backend.registry.brake.model import (
    Decide,
    Decided,
    Hold,
    HoldStatus,
    Limit,
    SetLimit,
)
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web import paging
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

HOLD: dict[str, Any] = {
    "hold_id": "01980000-0000-7000-8000-000000000085",
    "feed": "attachments",
    "source": "050340000008",
    "run_id": "01980000-0000-7000-8000-000000000030",
    "status": "HELD",
    "effects": [
        {
            "weight": {
                "kind": "DETACH",
                "region": "Астана",
                "count": 300,
                "passed": 12,
                "window_s": 86400,
                "share_milli": 50,
                "minimum": 100,
            },
            "total": 1000,
            "over": True,
        }
    ],
    "sha256": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "held_at": "2026-04-06T04:00:00Z",
    "decided_at": None,
    "decided_by": None,
    "reason": None,
    "applied_at": None,
}
LIMIT = {"kind": "DETACH", "region": "*", "window_s": 86400, "share_milli": 50, "minimum": 100}


@get(
    "/brake/holds",
    guards=[requires(ISSUER, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "ListHolds",
        "Runs of feeds that stopped",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [HOLD], "next": None},
    ),
)
async def list_holds(
    db: NamedDependency[Db],
    status: FromQuery[HoldStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Hold]:
    """Show the runs that would have met too many at once, the newest first (FAULTS 22)."""
    before = paging.decode_uuid(cursor)
    rows = await service.holds(db, status=status, before=before, limit=limit + 1)
    return paging.page(rows, limit, lambda hold: hold.hold_id)


@get(
    "/brake/holds/{hold_id:uuid}",
    guards=[requires(ISSUER, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "GetHold", "A run that stopped", discloses="nothing", errors=(HoldNotFound,), answer=HOLD
    ),
)
async def get_hold(hold_id: FromPath[UUID], db: NamedDependency[Db]) -> Hold:
    """Show what the run would have done, against which limits, and what was decided."""
    return await service.find(db, hold_id)


@post(
    "/brake/decisions",
    guards=[requires(rules.DECIDERS)],
    tags=["registry"],
    **operation(
        "DecideHolds",
        "Release or discard held runs",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, HoldNotFound, HoldNotYours, HoldDiffers, HoldDecided),
        body=SIGNED,
        answer={"holds": [HOLD["hold_id"]], "verdict": "RELEASE"},
    ),
)
async def decide(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Decided:
    """Take the signed decision (`brake.decide`: holds with the sha256 shown, verdict, reason).

    A released run is applied once, exactly as it was held. Runs that block or close accounts are
    the registrar's alone to decide (M §33, §34).
    """
    signed = await evidence.accept(resources, actor, data, Decide)
    return await service.decide(resources, actor, signed)


@get(
    "/brake/limits",
    guards=[requires(ISSUER, Role.REGISTRAR)],
    tags=["registry"],
    **operation("ListBrakeLimits", "The limits of the brake", discloses="nothing", answer=[LIMIT]),
)
async def list_limits(db: NamedDependency[Db]) -> list[Limit]:
    """Show how many of a region a feed may meet within a window before it stops and asks."""
    return await service.limits(db)


@post(
    "/brake/limits",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "SetBrakeLimit",
        "Change a limit of the brake",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, LimitNeeded),
        body=SIGNED,
        answer=[LIMIT],
    ),
)
async def set_limit(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> list[Limit]:
    """Set or take away one limit by a signed command (`brake.limit`); all limits as they are then."""
    signed = await evidence.accept(resources, actor, data, SetLimit)
    return await service.set_limit(resources, actor, signed)
