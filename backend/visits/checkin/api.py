"""Checking in over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import EXECUTOR, Actor, Role, Scope
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.ids import IinInvalid
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.account.errors import AccountNotOpen
from backend.registry.consent.errors import ConsentWithdrawnByPerson
from backend.registry.person.errors import InsuredNotFound
from backend.visits.biometrics.errors import BiometricInvalid, BiometricPending
from backend.visits.checkin import service
from backend.visits.checkin.errors import DuplicateVisit, WhoIsIt
from backend.visits.checkin.model import CheckIn, DeskVisit, FacilityDay, Visit
from backend.visits.code.errors import (
    ExpiredCode,
    FacilityNotFound,
    FacilityShut,
    ForeignCode,
    ForgedCode,
    RevokedCode,
    UsedCode,
)
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

_VISIT = {
    "visit_id": "01980000-0000-7000-8000-000000000003",
    "facility_id": "01980000-0000-7000-8000-000000000002",
    "executor_id": "01980000-0000-7000-8000-000000000004",
    "at": "2026-04-06T04:00:00Z",
    "visit_date": "2026-04-06",
    "grade": "QR_BIOMETRIC",
}


@post(
    "/visits",
    guards=[requires(Role.INSURED, scope=Scope.VISIT)],
    tags=["visits"],
    **operation(
        "RegisterVisit",
        "Check in with the facility's QR code",
        discloses="nothing",
        errors=(
            ForeignCode,
            ForgedCode,
            RevokedCode,
            FacilityShut,
            BiometricInvalid,
            BiometricPending,
            AccountNotOpen,
            ConsentWithdrawnByPerson,
            DuplicateVisit,
        ),
        body={
            "code": "SQ1.putMFEvJ….tSSK9cJ7…",
            "biometric_session_id": "01980000-0000-7000-8000-000000000001",
            "place": {"latitude": 51.1694, "longitude": 71.4491, "accuracy_m": 20},
        },
        answer=_VISIT,
    ),
)
async def check_in(
    data: JSONBody[CheckIn],
    request: Request[Actor, Any, Any],
    resources: NamedDependency[Resources],
) -> Visit:
    """Register my visit: once per facility and legal day."""
    # One dependency and no task of its own for each (docs/bench.md): clinics open at eight.
    return await service.check_in(resources.db.visits, resources.clock, request.user, data)


@post(
    "/visits/desk",
    guards=[requires(Role.EXECUTOR_OPERATOR, Role.EXECUTOR_SYSTEM)],
    tags=["visits"],
    **operation(
        "RegisterVisitAtDesk",
        "Register a visit at the clinic's desk",
        discloses="person",
        errors=(
            IinInvalid,
            ForeignCode,
            ForgedCode,
            ExpiredCode,
            UsedCode,
            WhoIsIt,
            InsuredNotFound,
            FacilityShut,
            BiometricInvalid,
            BiometricPending,
            AccountNotOpen,
            ConsentWithdrawnByPerson,
            DuplicateVisit,
        ),
        body={
            "facility_id": "01980000-0000-7000-8000-000000000002",
            "code": "SP2.AZgAAAAA….3q2-7w…",
        },
        answer={**_VISIT, "grade": "QR_ONLY"},
    ),
)
async def check_in_at_desk(
    data: JSONBody[DeskVisit],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Visit:
    """Register a visit at one of the clinic's own facilities; its grade follows from what was shown."""
    return await service.check_in_at_desk(resources, actor, data)


@get(
    "/visits",
    guards=[requires(Role.INSURED)],
    tags=["visits"],
    **operation(
        "ListOwnVisits",
        "My visits",
        discloses="own",
        errors=(BadCursor,),
        answer={"items": [_VISIT], "next": None},
    ),
)
async def list_visits(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Visit]:
    """List my visits, the newest first."""
    db, now = resources.db.visits, resources.clock.now()
    person_id = await access_records.record_own(db, actor, "ListOwnVisits", at=now)
    return await service.of_person(db, person_id, cursor, limit)


@get(
    "/facilities/{facility_id:uuid}/visits/today",
    guards=[requires(EXECUTOR)],
    tags=["visits"],
    **operation(
        "CountVisitsToday",
        "Today's visits of a facility, by grade",
        discloses="nothing",
        errors=(FacilityNotFound,),
        answer={
            "facility_id": "01980000-0000-7000-8000-000000000002",
            "visit_date": "2026-04-06",
            "visits": 42,
            "by_grade": {"QR_BIOMETRIC": 30, "QR_ONLY": 10, "NONE": 2},
        },
    ),
)
async def count_today(
    facility_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> FacilityDay:
    """Count today's visits of one of the clinic's own facilities."""
    return await service.facility_day(db, clock, actor, facility_id)
