"""Specialities and certificates over HTTP."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from backend.kernel.actor import Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.directory.api import SIGNED
from backend.registry.feed.errors import BatchChanged
from backend.registry.feed.model import FeedAnswer
from backend.registry.specialist import service
from backend.registry.specialist.errors import NeedPeriodWrong
from backend.registry.specialist.model import CertificateBatch, EnterNeeds, Need, NeedsEntered
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page

NEED = {
    "entry_id": "01980000-0000-7000-8000-000000000091",
    "service_code": "A02.004.000",
    "specialities": ["therapy", "family-medicine"],
    "valid_from": "2026-04-01",
    "valid_to": None,
    "basis": "…",
    "entered_at": "2026-04-06T04:00:00Z",
}


@get(
    "/directories/speciality-needs",
    guards=[public],
    tags=["registry"],
    **operation(
        "ListSpecialityNeeds",
        "Which specialities services need",
        discloses="nothing",
        guarded=False,
        errors=(BadCursor,),
        answer={"items": [NEED], "next": None},
    ),
)
async def list_needs(
    db: NamedDependency[Db], cursor: FromQuery[str | None] = None, limit: PageLimit = 50
) -> Page[Need]:
    """Every entry in the order it was made. Of a service on a day the last that holds then counts."""
    rows = await service.needs(db, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda need: need.entry_id)


@post(
    "/directories/speciality-needs",
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "EnterSpecialityNeeds",
        "Enter which specialities services need",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, NeedPeriodWrong),
        body=SIGNED,
        answer={"entered": 1},
    ),
)
async def enter_needs(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> NeedsEntered:
    """Sign `directory.speciality_needs` {needs: [{service_code, specialities, valid_from, valid_to?}], basis},
    at most 1,000. Acts are checked by them from then on; a service nobody entered is noted on its line.
    """
    signed = await evidence.accept(resources, actor, data, EnterNeeds)
    return await service.enter_needs(resources, signed)


@post(
    "/sur/certificates",
    guards=[requires(Role.MOH)],
    tags=["registry"],
    **operation(
        "TellCertificates",
        "Certificates of specialists",
        discloses="nothing",
        errors=(BatchChanged,),
        body={
            "batch_id": "01980000-0000-7000-8000-000000000030",
            "certificates": [
                {
                    "number": "KZ-000001",
                    "iin": "850101300005",
                    "speciality": "therapy",
                    "valid_from": "2024-02-01",
                    "valid_to": "2029-01-31",
                }
            ],
        },
        answer={"accepted": 1, "repeated": 0, "refused": []},
    ),
)
async def tell_certificates(
    data: JSONBody[CertificateBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FeedAnswer:
    """Told by the Ministry's Resource Management System, at most 5,000; of one number the last `seq` holds."""
    return await service.tell(resources, actor, data)
