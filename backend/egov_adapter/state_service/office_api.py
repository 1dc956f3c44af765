"""The issuer's side of the state service over HTTP: the record of terms, and court acts that bar a person."""

from datetime import date
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.egov_adapter.state_service import courts, service
from backend.egov_adapter.state_service.errors import CourtActNotFound, CourtActUnsound
from backend.egov_adapter.state_service.model import (
    CourtActEntered,
    Day,
    EnterCourtAct,
    LiftCourtAct,
)
from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.calendar import DateOutOfRange
from backend.kernel.ids import IinInvalid
from backend.kernel.resources import Resources
from backend.registry.person.errors import InsuredNotFound
from backend.signing.errors import (
    SIGNING_ERRORS,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import requires
from backend.web.openapi import operation

HEAD: Final = frozenset({CertificateRole.HEAD})
_ID = "01980000-0000-7000-8000-000000000031"
_SIGNED = {"document": "eyJvcGVyYXRpb24iOi…", "signature": "MIIGzgYJKoZIhvcNAQcC…"}


@get(
    "/state-service/days",
    guards=[requires(ISSUER, Role.MOH)],
    tags=["egov"],
    **operation(
        "ListServiceDays",
        "The record of the fifteen minutes, day by day",
        discloses="nothing",
        errors=(DateOutOfRange,),
        answer=[
            {
                "day": "2026-04-15",
                "accepted": 412,
                "delivered": 409,
                "refused": 3,
                "late": 0,
                "running": 0,
                "median_s": 2.1,
                "slowest_s": 41.0,
            }
        ],
    ),
)
async def days(
    resources: NamedDependency[Resources], since: FromQuery[date], until: FromQuery[date]
) -> list[Day]:
    """Tell for each day of acceptance how many were given, refused and late, and how long they took."""
    return await service.days(resources.db.egov, resources.clock.now(), since, until)


@post(
    "/state-service/court-acts",
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["egov"],
    **operation(
        "EnterCourtAct",
        "Enter a court act that bars a person from the service",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, IinInvalid, InsuredNotFound, CourtActUnsound),
        body=_SIGNED,
        answer={"act_id": _ID},
    ),
)
async def enter_court_act(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> CourtActEntered:
    """Enter with the signed document `state_service.court_act`: iin, ground, court, number, days."""
    signed = await evidence.accept(resources, actor, data, EnterCourtAct, roles=HEAD)
    return await courts.enter(resources, actor, signed)


@post(
    "/state-service/court-acts/{act_id:uuid}/lifting",
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["egov"],
    **operation(
        "LiftCourtAct",
        "Lift a court act that is no longer in force",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, CourtActNotFound),
        body=_SIGNED,
        answer={"act_id": _ID},
    ),
)
async def lift_court_act(
    act_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> CourtActEntered:
    """Lift with the signed document `state_service.lift_court_act`: act_id, basis."""
    signed = await evidence.accept(resources, actor, data, LiftCourtAct, roles=HEAD)
    return await courts.lift(resources, act_id, signed)
