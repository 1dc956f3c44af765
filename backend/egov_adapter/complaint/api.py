"""Complaints over HTTP: the citizen's side, and what anybody may know. The desk is in `desk_api.py`."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, RawBody

from backend.egov_adapter.citizen import limits
from backend.egov_adapter.complaint import service
from backend.egov_adapter.complaint.errors import (
    AlreadyDisputed,
    BilledNotFound,
    ComplaintIncomplete,
    ComplaintNotFound,
    FileNotFound,
    TooManyFiles,
)
from backend.egov_adapter.complaint.model import (
    AddedFile,
    Confirmed,
    Dispute,
    NewComplaint,
    OwnComplaint,
    Procedure,
    Registered,
    Tracked,
)
from backend.kernel.actor import Actor, Role, Scope
from backend.kernel.resources import Resources
from backend.payments.act.errors import ActStateWrong
from backend.registry.access_record import service as access_records
from backend.registry.photograph import service as photographs
from backend.registry.photograph.errors import PhotoTooLarge, PhotoTooSmall, PhotoUnreadable
from backend.web.guards import address_of, public, requires
from backend.web.limits import count
from backend.web.openapi import PageLimit, operation, picture_operation
from backend.web.paging import BadCursor, Page

_ID = "01980000-0000-7000-8000-000000000007"
_REGISTERED = {
    "complaint_id": _ID,
    "tracking_number": "7K3M9QX2B4HTD",
    "status": "REGISTERED",
    "registered_at": "2026-06-01T04:00:00Z",
    "due_on": "2026-06-08",
}
_OWN = {
    **_REGISTERED,
    "kind": "ISSUER",
    "route": "K1",
    "text": "Справку не выдали в срок.",
    "answer": None,
    "answered_at": None,
    "decided_by": None,
    "forwarded_to": None,
    "files": 0,
}


@post(
    "/citizen/complaints",
    guards=[requires(Role.INSURED, scope=Scope.COMPLAIN)],
    tags=["egov"],
    **operation(
        "RegisterComplaint",
        "Complain about the Fund or a clinic",
        discloses="nothing",
        errors=(ComplaintIncomplete,),
        body={"kind": "ISSUER", "text": "Справку не выдали в срок."},
        answer=_REGISTERED,
    ),
)
async def register(
    request: Request[Actor, Any, Any],
    data: JSONBody[NewComplaint],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Registered:
    """Register my complaint by one of the routes of M §53.

    K1 to the issuer's head (an answer in five working days), K2 to the body that controls state services
    (fifteen), K3 against an act of the issuer before going to court (three days to satisfy it or forward).
    """
    key = request.headers.get("idempotency-key")
    return await service.register(resources, actor, data, key)


@post(
    "/citizen/billed/{case_id:uuid}/dispute",
    guards=[requires(Role.INSURED, scope=Scope.COMPLAIN)],
    tags=["egov"],
    **operation(
        "DisputeBilledService",
        "Dispute a service billed in my name",
        discloses="nothing",
        errors=(BilledNotFound, AlreadyDisputed),
        body={"text": "Меня в этот день в клинике не было."},
        answer=_REGISTERED,
    ),
)
async def dispute(
    case_id: FromPath[UUID],
    data: JSONBody[Dispute],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Registered:
    """Say that a billed service was not given to me: a complaint that names the act's line."""
    return await service.dispute(resources, actor, case_id, data)


@post(
    "/citizen/billed/{case_id:uuid}/confirmation",
    guards=[requires(Role.INSURED, scope=Scope.COMPLAIN)],
    tags=["egov"],
    **operation(
        "ConfirmBilledService",
        "Confirm a service billed in my name",
        discloses="nothing",
        errors=(BilledNotFound, AlreadyDisputed, ActStateWrong),
        answer={
            "case_id": "01980000-0000-7000-8000-000000000009",
            "confirmed_at": "2026-06-01T04:00:00Z",
        },
    ),
)
async def confirm(
    case_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Confirmed:
    """Say that a billed service was given to me, before it is paid; the issuer sees it at the act's line."""
    return await service.confirm(resources, actor, case_id)


@get(
    "/citizen/complaints",
    guards=[requires(Role.INSURED)],
    tags=["egov"],
    **operation(
        "ListOwnComplaints",
        "My complaints",
        discloses="own",
        errors=(BadCursor,),
        answer={"items": [_OWN], "next": None},
    ),
)
async def list_own(
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[OwnComplaint]:
    """List my complaints with their answers, the newest first."""
    db, now = resources.db.egov, resources.clock.now()
    await access_records.record_own(db, actor, "ListOwnComplaints", at=now)
    return await service.own(db, resources.keyring, actor, cursor, limit)


@get(
    "/public/complaints/{tracking_number:str}",
    guards=[public],
    tags=["egov"],
    **operation(
        "TrackComplaint",
        "Where a complaint stands",
        discloses="nothing",
        guarded=False,
        errors=(ComplaintNotFound,),
        answer={
            "tracking_number": "7K3M9QX2B4HTD",
            "status": "IN_REVIEW",
            "registered_at": "2026-06-01T04:00:00Z",
            "due_on": "2026-06-08",
            "answered_at": None,
        },
    ),
)
async def track(
    request: Request[Any, Any, Any],
    tracking_number: FromPath[str],
    resources: NamedDependency[Resources],
) -> Tracked:
    """Tell the state of a complaint to whoever holds its number; not who complains, nor of what."""
    return await service.track(resources, address_of(request), tracking_number)


@get(
    "/public/complaint-routes",
    guards=[public],
    tags=["egov"],
    **operation(
        "TellComplaintProcedure",
        "How to complain",
        discloses="nothing",
        guarded=False,
        answer={
            "routes": [
                {
                    "route": "K1",
                    "title": "Жалоба руководителю Фонда",
                    "how": "Подайте её здесь, через eGov, бот или письмом.",
                    "working_days": 5,
                }
            ],
            "phones": ["1414", "1406", "8-800-080-7777"],
            "by_phone": "О порядке обжалования расскажут по телефону 1414.",
        },
    ),
)
async def procedure(language: NamedDependency[str]) -> Procedure:
    """Tell the four ways of M §53 with their terms, and the phones that explain them."""
    return service.procedure(language)


@post(
    "/citizen/complaints/{complaint_id:uuid}/pictures",
    guards=[requires(Role.INSURED, scope=Scope.COMPLAIN)],
    tags=["egov"],
    **picture_operation(
        "AddComplaintPicture",
        "Add a picture to my complaint",
        discloses="nothing",
        errors=(ComplaintNotFound, TooManyFiles, PhotoUnreadable, PhotoTooLarge, PhotoTooSmall),
        answer={
            "file_id": "01980000-0000-7000-8000-00000000000a",
            "no": 1,
            "bytes": 412345,
            "sha256": "ab" * 32,
        },
    ),
)
async def add_picture(
    complaint_id: FromPath[UUID],
    body: RawBody,
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> AddedFile:
    """Send a JPEG, PNG or WebP as it is, at most 12 MB and five of them; it is written anew, without metadata."""
    await count(resources, (limits.PICTURES_PER_PERSON, str(actor.person_id)))
    picture = await photographs.written_anew(body)
    return await service.add_file(resources, actor, complaint_id, picture.jpeg)


@get(
    "/citizen/complaints/{complaint_id:uuid}/pictures/{file_id:uuid}",
    guards=[requires(Role.INSURED)],
    tags=["egov"],
    response_headers={"cache-control": "no-store"},
    media_type="image/jpeg",
    **operation(
        "GetOwnComplaintPicture",
        "A picture of my complaint",
        discloses="own",
        errors=(FileNotFound,),
        answer="(octets of a JPEG)",
    ),
)
async def own_picture(
    complaint_id: FromPath[UUID],
    file_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> bytes:
    """Show a picture I added, as it is kept."""
    now = resources.clock.now()
    await access_records.record_own(resources.db.egov, actor, "GetOwnComplaintPicture", at=now)
    return await service.own_file(resources, actor, complaint_id, file_id)
