"""Representation over HTTP."""

from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.egov_adapter.representative import service
from backend.egov_adapter.representative.errors import (
    AlreadyRepresented,
    NotForYourself,
    RepresentationNotFound,
    RepresentationOver,
    RepresentationUnconfirmed,
)
from backend.egov_adapter.representative.model import (
    Represent,
    Representation,
    RepresentativeSession,
)
from backend.kernel.actor import Actor, Role, Scope
from backend.kernel.ids import IinInvalid
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.registry.person.errors import InsuredNotFound
from backend.sources.exchange import SourceUnavailable
from backend.web.guards import requires
from backend.web.openapi import operation

CITIZEN = [requires(Role.INSURED, scope=Scope.CONSENT)]
_REPRESENTATION = {
    "representation_id": "01980000-0000-7000-8000-00000000000d",
    "basis": "PARENT",
    "scopes": ["COMPLAIN", "CONSENT", "EXTRACT", "READ", "VISIT"],
    "valid_to": "2031-05-04",
    "confirmed_at": "2026-04-06T04:00:00Z",
    "ended_at": None,
    "name": "Ахметов Арман",
}


@post(
    "/citizen/representations",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "RepresentPerson",
        "Act for a child or a ward",
        discloses="own",
        errors=(
            IinInvalid,
            InsuredNotFound,
            NotForYourself,
            AlreadyRepresented,
            RepresentationOver,
            RepresentationUnconfirmed,
            SourceUnavailable,
        ),
        body={
            "iin": "130504500015",
            "basis": "PARENT",
            "document": {
                "number": "АТ-1234567",
                "issued_on": "2013-05-20",
                "issued_by": "АХАТ",
            },
            "valid_to": "2031-05-04",
        },
        answer=_REPRESENTATION,
    ),
)
async def represent(
    data: JSONBody[Represent],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Representation:
    """Name the person, the basis and the document; the state database "Natural persons" confirms it."""
    now = resources.clock.now()
    await access_records.record_own(resources.db.egov, actor, "RepresentPerson", at=now)
    return await service.represent(resources, actor, data)


@get(
    "/citizen/representations",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListOwnRepresentations",
        "Whom I act for",
        discloses="own",
        errors=(NotForYourself,),
        answer=[_REPRESENTATION],
    ),
)
async def mine(
    resources: NamedDependency[Resources], actor: NamedDependency[Actor]
) -> list[Representation]:
    """List those I act or acted for, the newest first."""
    now = resources.clock.now()
    await access_records.record_own(resources.db.egov, actor, "ListOwnRepresentations", at=now)
    return await service.mine(resources, actor)


@get(
    "/citizen/representatives",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "ListOwnRepresentatives",
        "Who acts for me",
        discloses="own",
        answer=[_REPRESENTATION],
    ),
)
async def of_me(
    resources: NamedDependency[Resources], actor: NamedDependency[Actor]
) -> list[Representation]:
    """List who acts or acted for me, on what basis and until when; each look of theirs is in my looks."""
    now = resources.clock.now()
    person_id = await access_records.record_own(
        resources.db.egov, actor, "ListOwnRepresentatives", at=now
    )
    return await service.of_me(resources, actor, person_id)


@post(
    "/citizen/representations/{representation_id:uuid}/session",
    guards=CITIZEN,
    tags=["egov"],
    response_headers={"cache-control": "no-store"},
    **operation(
        "ActForPerson",
        "Open a session about whom I act for",
        discloses="nothing",
        errors=(RepresentationNotFound, NotForYourself),
        answer={
            "token": "kV1…",
            "expires_at": "2026-04-06T05:00:00Z",
            "scopes": ["READ", "VISIT"],
        },
    ),
)
async def open_session(
    representation_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> RepresentativeSession:
    """Open it: every citizen's operation then is about that person, as far as the representation covers."""
    return await service.open_session(resources, actor, representation_id)


@delete(
    "/citizen/representations/{representation_id:uuid}",
    guards=CITIZEN,
    tags=["egov"],
    **operation(
        "EndRepresentation",
        "End a representation",
        discloses="nothing",
        errors=(RepresentationNotFound, NotForYourself),
    ),
)
async def end(
    representation_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> None:
    """End it, from either side; its sessions close."""
    await service.end(resources, actor, representation_id)
