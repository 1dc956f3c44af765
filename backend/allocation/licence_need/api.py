"""The licence matrix over HTTP."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from backend.allocation.licence_need import service
from backend.allocation.licence_need.model import EnterNeed, Need
from backend.allocation.plan.examples import SIGNED_EXAMPLE
from backend.kernel.actor import Actor, Role
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import public, requires
from backend.web.openapi import operation

NEED = {
    "service_type": "computed-tomography",
    "kinds": ["RADIATION"],
    "basis": "М §8(1)",
    "entered_at": "2026-04-06T04:00:00Z",
}


@get(
    "/public/licence-needs",
    guards=[public],
    tags=["public"],
    **operation(
        "ListLicenceNeeds",
        "Which licences which services need",
        discloses="nothing",
        guarded=False,
        answer=[NEED],
    ),
)
async def list_needs(db: NamedDependency[Db]) -> list[Need]:
    """Besides the medical licence, which every service needs (M §8(1))."""
    return await service.matrix(db)


@post(
    "/licence-needs",
    guards=[requires(Role.REGISTRAR)],
    tags=["allocation"],
    **operation(
        "EnterLicenceNeed",
        "Enter which licences a service needs",
        discloses="nothing",
        errors=SIGNING_ERRORS,
        body=SIGNED_EXAMPLE,
        answer=[NEED],
    ),
)
async def enter_need(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> list[Need]:
    """Sign `licence_need.enter` {service_type, kinds, basis}; the last entry of a service holds."""
    signed = await evidence.accept(resources, actor, data, EnterNeed)
    return await service.enter(db, clock, signed)


HANDLERS = [list_needs, enter_need]
