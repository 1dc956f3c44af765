"""Complaints over HTTP."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.egov_adapter.complaint import service
from backend.egov_adapter.complaint.errors import (
    AlreadyAnswered,
    AlreadyDisputed,
    BilledNotFound,
    ComplaintIncomplete,
    ComplaintNotFound,
    ConfirmationUnclear,
)
from backend.egov_adapter.complaint.model import (
    AnswerComplaint,
    ComplaintStatus,
    DeskComplaint,
    DeskRow,
    Dispute,
    NewComplaint,
    OwnComplaint,
    Registered,
    Tracked,
)
from backend.kernel.actor import ISSUER, Actor, Role, Scope
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.access_record import service as access_records
from backend.signing.errors import (
    CertRevoked,
    DocumentAlreadyUsed,
    DocumentMalformed,
    NotSignerOfOrg,
    RevocationUnknown,
    SignatureInvalid,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import address_of, public, requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

HEAD = frozenset({CertificateRole.HEAD})
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
    "text": "Справку не выдали в срок.",
    "answer": None,
    "answered_at": None,
}
_DESK_ROW = {
    "complaint_id": _ID,
    "tracking_number": "7K3M9QX2B4HTD",
    "kind": "BILLED",
    "ground": None,
    "executor_id": "01980000-0000-7000-8000-000000000004",
    "status": "REGISTERED",
    "registered_at": "2026-06-01T04:00:00Z",
    "due_at": "2026-06-08T18:59:59.999999Z",
    "answered_at": None,
}
_DESK = {
    **_DESK_ROW,
    "act_id": "01980000-0000-7000-8000-000000000008",
    "case_id": "01980000-0000-7000-8000-000000000009",
    "text": "Меня в этот день в клинике не было.",
    "answer": None,
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
    data: JSONBody[NewComplaint],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Registered:
    """Register my complaint; the issuer's head answers within five working days."""
    return await service.register(resources, actor, data)


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
    "/complaints",
    guards=[requires(ISSUER)],
    tags=["egov"],
    **operation(
        "ListComplaints",
        "The issuer's desk: complaints",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [_DESK_ROW], "next": None},
    ),
)
async def list_desk(
    db: NamedDependency[Db],
    status: FromQuery[ComplaintStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[DeskRow]:
    """List complaints in order of registration, which is the order of their terms."""
    return await service.desk(db, status, cursor, limit)


@get(
    "/complaints/{complaint_id:uuid}",
    guards=[requires(Role.ISSUER_HEAD, Role.ISSUER_SIGNER, Role.ISSUER_REVIEWER)],
    tags=["egov"],
    **operation(
        "ReadComplaint",
        "Read a complaint",
        discloses="person",
        errors=(ComplaintNotFound,),
        answer=_DESK,
    ),
)
async def read(
    complaint_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> DeskComplaint:
    """Read a complaint's text; from then on it is in review, and the citizen sees who read it."""
    return await service.read(resources, actor, complaint_id)


@post(
    "/complaints/{complaint_id:uuid}/answer",
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["egov"],
    **operation(
        "AnswerComplaint",
        "Answer a complaint, signed by the issuer's head",
        discloses="person",
        errors=(
            ComplaintNotFound,
            AlreadyAnswered,
            ConfirmationUnclear,
            SignatureInvalid,
            DocumentMalformed,
            DocumentAlreadyUsed,
            NotSignerOfOrg,
            CertRevoked,
            RevocationUnknown,
        ),
        body={"document": "eyJvcGVyYXRpb24iOiJjb21wbGFpbnQuYW5zd2VyIn0=", "signature": "MIIF…"},
        answer={
            **_DESK,
            "status": "SATISFIED",
            "answer": "Запись снята с оплаты.",
            "answered_at": "2026-06-03T04:00:00Z",
        },
    ),
)
async def answer(
    complaint_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> DeskComplaint:
    """Answer with the signed document `complaint.answer`: complaint_id, outcome, text, confirmed (S4)."""
    signed = await evidence.accept(resources, actor, data, AnswerComplaint, roles=HEAD)
    return await service.answer(resources, actor, complaint_id, signed)
