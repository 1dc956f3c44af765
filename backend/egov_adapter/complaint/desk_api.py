"""The issuer's desk over HTTP: complaints read, answered, forwarded, decided."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.egov_adapter.complaint import desk as service
from backend.egov_adapter.complaint.errors import (
    AlreadyAnswered,
    CannotBeForwarded,
    ComplaintNotFound,
    ConfirmationUnclear,
    FileDiffers,
    FileNotFound,
    MustBeForwarded,
    NotForwarded,
    NotTheIssuersAnswer,
)
from backend.egov_adapter.complaint.model import (
    AnswerComplaint,
    ComplaintStatus,
    DeskComplaint,
    DeskRow,
    DeskSummary,
    ForwardComplaint,
    RecordDecision,
    Route,
)
from backend.kernel.actor import ISSUER, ISSUER_SIGNERS, Actor, Role
from backend.kernel.resources import Resources
from backend.signing.errors import (
    SIGNING_ERRORS,
)
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

HEAD = frozenset({CertificateRole.HEAD})
SIGNERS = frozenset({CertificateRole.HEAD, CertificateRole.SIGNATORY})
READERS = [requires(Role.ISSUER_HEAD, Role.ISSUER_SIGNER, Role.ISSUER_REVIEWER)]
NO_STORE = {"cache-control": "no-store"}
_ROW = {
    "complaint_id": "01980000-0000-7000-8000-000000000007",
    "tracking_number": "7K3M9QX2B4HTD",
    "kind": "BILLED",
    "route": "K1",
    "ground": None,
    "executor_id": "01980000-0000-7000-8000-000000000004",
    "status": "REGISTERED",
    "registered_at": "2026-06-01T04:00:00Z",
    "due_at": "2026-06-08T18:59:59.999999Z",
    "answered_at": None,
}
_COMPLAINT: dict[str, Any] = {
    **_ROW,
    "act_id": "01980000-0000-7000-8000-000000000008",
    "case_id": "01980000-0000-7000-8000-000000000009",
    "text": "Меня в этот день в клинике не было.",
    "answer": None,
    "confirmed": None,
    "decided_by": None,
    "forwarded_at": None,
    "forwarded_to": None,
    "forward_number": None,
    "files": [],
}
_FORWARDED = {
    **_COMPLAINT,
    "kind": "ISSUER",
    "route": "K3",
    "executor_id": None,
    "act_id": None,
    "case_id": None,
    "status": "FORWARDED",
    "forwarded_at": "2026-06-03T04:00:00Z",
    "forwarded_to": "SUPERIOR_BODY",
    "forward_number": "12-34/567",
}


@get(
    "/complaints",
    guards=[requires(ISSUER)],
    tags=["egov"],
    **operation(
        "ListComplaints",
        "The issuer's desk: complaints",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [_ROW], "next": None},
    ),
)
async def list_desk(
    resources: NamedDependency[Resources],
    status: FromQuery[ComplaintStatus | None] = None,
    route: FromQuery[Route | None] = None,
    overdue: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[DeskRow]:
    """List complaints in order of registration; of one status or route, or late ones alone."""
    return await service.desk(resources, status, route, overdue, cursor, limit)


@get(
    "/complaints/summary",
    guards=[requires(ISSUER)],
    tags=["egov"],
    **operation(
        "SummariseComplaints",
        "What waits at the desk",
        discloses="nothing",
        answer=[{"route": "K1", "open": 12, "overdue": 0, "due_today": 3}],
    ),
)
async def summarise(resources: NamedDependency[Resources]) -> list[DeskSummary]:
    """Count open complaints of each route, the late ones and those due today."""
    return await service.summary(resources)


@get(
    "/complaints/{complaint_id:uuid}",
    guards=READERS,
    tags=["egov"],
    **operation(
        "ReadComplaint",
        "Read a complaint",
        discloses="person",
        errors=(ComplaintNotFound,),
        answer=_COMPLAINT,
    ),
)
async def read(
    complaint_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> DeskComplaint:
    """Read a complaint's text; from then on it is in review, and the citizen sees who read it."""
    return await service.read(resources, actor, complaint_id)


@get(
    "/complaints/{complaint_id:uuid}/pictures/{file_id:uuid}",
    guards=READERS,
    tags=["egov"],
    response_headers=NO_STORE,
    media_type="image/jpeg",
    **operation(
        "ReadComplaintPicture",
        "Look at a picture of a complaint",
        discloses="person",
        errors=(ComplaintNotFound, FileNotFound),
        answer="(octets of a JPEG)",
    ),
)
async def picture(
    complaint_id: FromPath[UUID],
    file_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> bytes:
    """Show a picture the citizen added, as it was written anew."""
    return await service.picture(resources, actor, complaint_id, file_id)


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
            NotTheIssuersAnswer,
            MustBeForwarded,
            *SIGNING_ERRORS,
        ),
        body={"document": "eyJvcGVyYXRpb24iOiJjb21wbGFpbnQuYW5zd2VyIn0=", "signature": "MIIF…"},
        answer={
            **_COMPLAINT,
            "status": "SATISFIED",
            "answer": "Запись снята с оплаты.",
            "answered_at": "2026-06-03T04:00:00Z",
            "decided_by": "ISSUER",
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


@get(
    "/complaints/{complaint_id:uuid}/administrative-file",
    guards=READERS,
    tags=["egov"],
    media_type="application/zip",
    **operation(
        "GetAdministrativeFile",
        "What is forwarded with a complaint",
        discloses="person",
        errors=(ComplaintNotFound, CannotBeForwarded),
        answer="(octets of a ZIP)",
    ),
)
async def administrative_file(
    complaint_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Give the file as a ZIP; its SHA-256, which is signed for, stands in `x-sha256`."""
    packed, digest = await service.administrative_file(resources, actor, complaint_id)
    return Response(
        packed,
        media_type="application/zip",
        headers={**NO_STORE, "x-sha256": digest},
    )


@post(
    "/complaints/{complaint_id:uuid}/forwarding",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["egov"],
    **operation(
        "ForwardComplaint",
        "Forward a complaint with the administrative file",
        discloses="person",
        errors=(ComplaintNotFound, CannotBeForwarded, FileDiffers, *SIGNING_ERRORS),
        body={"document": "eyJvcGVyYXRpb24iOiJjb21wbGFpbnQuZm9yd2FyZCJ9", "signature": "MIIF…"},
        answer=_FORWARDED,
    ),
)
async def forward(
    complaint_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> DeskComplaint:
    """Forward with the signed `complaint.forward`: complaint_id, to, number, file_sha256."""
    signed = await evidence.accept(resources, actor, data, ForwardComplaint, roles=SIGNERS)
    return await service.forward(resources, actor, complaint_id, signed)


@post(
    "/complaints/{complaint_id:uuid}/decision",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["egov"],
    **operation(
        "RecordComplaintDecision",
        "Record what the body above decided",
        discloses="person",
        errors=(ComplaintNotFound, NotForwarded, AlreadyAnswered, *SIGNING_ERRORS),
        body={"document": "eyJvcGVyYXRpb24iOiJjb21wbGFpbnQuZGVjaXNpb24ifQ==", "signature": "MIIF…"},
        answer={
            **_FORWARDED,
            "status": "PARTLY",
            "answer": "Предписано выдать справку.",
            "answered_at": "2026-06-22T04:00:00Z",
            "decided_by": "SUPERIOR_BODY",
        },
    ),
)
async def record_decision(
    complaint_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> DeskComplaint:
    """Record with the signed `complaint.decision`: complaint_id, outcome, number, decided_on, text."""
    signed = await evidence.accept(resources, actor, data, RecordDecision, roles=SIGNERS)
    return await service.record_decision(resources, actor, complaint_id, signed)
