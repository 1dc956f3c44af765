"""Service records and drafts of acts over HTTP."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.act.errors import (
    ContractNotFound,
    ContractNotSigned,
    DuplicateAct,
    PeriodMismatch,
)
from backend.payments.act.model import ActWithReport
from backend.payments.draft import service
from backend.payments.draft.errors import DraftClosed, DraftNotFound, NothingToBill
from backend.payments.draft.model import Draft, FormDraft, RecordBatch, SignDraft
from backend.payments.examples import ACT, CONTRACT_ID, LINE_ID, SHA256
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.registry.feed.model import FeedAnswer
from backend.signing.errors import SIGNING_ERRORS
from backend.web.guards import requires
from backend.web.openapi import operation

_RECORD = {
    "executor_bin": "100140000003",
    "service_record_id": "MIS-0001",
    "iin": "850101300005",
    "worker_iin": "850101300005",
    "service_code": "A02.004.000",
    "line_id": LINE_ID,
    "units": 1,
    "service_date": "2026-05-18",
    "seq": 1,
}
_FORM = {
    "contract_id": CONTRACT_ID,
    "number": "2026-05/1",
    "period_from": "2026-05-01",
    "period_to": "2026-05-31",
}
_DRAFT = {
    "draft_id": "01980000-0000-7000-8000-0000000000d4",
    **_FORM,
    "status": "DRAFT",
    "cases": 100,
    "more": False,
    "content_sha256": SHA256,
    "formed_at": "2026-06-01T04:00:00Z",
    "act_id": None,
}


@post(
    "/mis/service-records",
    guards=[requires(Role.MIS)],
    tags=["payments"],
    **operation(
        "TellServiceRecords",
        "Services given, as a MIS recorded them",
        discloses="nothing",
        body={"records": [_RECORD]},
        answer={"accepted": 1, "repeated": 0, "refused": []},
    ),
)
async def take_records(
    data: JSONBody[RecordBatch],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> FeedAnswer:
    """Tell up to 5,000 services; of one record the highest `seq` holds. Acts are formed of them (M §13)."""
    return await service.take(resources, actor, data)


@post(
    "/acts/drafts",
    guards=[requires(EXECUTOR)],
    tags=["payments"],
    **operation(
        "FormActDraft",
        "Form an act from the records of the MIS",
        discloses="nothing",
        errors=(
            AccountNotOpen,
            AccountBlocked,
            ContractNotFound,
            ContractNotSigned,
            PeriodMismatch,
            NothingToBill,
        ),
        body=_FORM,
        answer=_DRAFT,
    ),
)
async def form(
    data: JSONBody[FormDraft],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Draft:
    """Form the act of a contract and period from every service not presented yet; nothing is typed."""
    return await service.form(resources, actor, data)


@get(
    "/acts/drafts/{draft_id:uuid}",
    guards=[requires(EXECUTOR)],
    tags=["payments"],
    **operation(
        "GetActDraft",
        "A draft of an act",
        discloses="nothing",
        errors=(DraftNotFound, AccountNotOpen),
        answer=_DRAFT,
    ),
)
async def show(
    draft_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Draft:
    """How many cases, the hash of its bytes, and the act it became."""
    return await service.find(db, actor, draft_id)


@get(
    "/acts/drafts/{draft_id:uuid}/document",
    guards=[requires(EXECUTOR)],
    tags=["payments"],
    media_type="application/json",
    response_headers={"cache-control": "no-store"},
    **operation(
        "FetchActDraft",
        "The bytes of a draft, to be signed",
        discloses="person",
        errors=(DraftNotFound, DraftClosed, AccountNotOpen),
        answer='{"operation":"act.submit",…}',
    ),
)
async def fetch(
    draft_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Response[bytes]:
    """Exactly what will be signed: an act as `SubmitAct` takes it."""
    content = await service.document(resources, actor, draft_id)
    return Response(content, media_type="application/json")


@post(
    "/acts/drafts/{draft_id:uuid}/signature",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["payments"],
    **operation(
        "SignActDraft",
        "Present a draft, signed",
        discloses="person",
        errors=(
            *SIGNING_ERRORS,
            DraftNotFound,
            DraftClosed,
            AccountNotOpen,
            AccountBlocked,
            ContractNotFound,
            ContractNotSigned,
            PeriodMismatch,
            DuplicateAct,
        ),
        body={"signature": "MIIF…"},
        answer={**ACT, "report": {"counts": {}, "lines": []}, "skips": []},
    ),
)
async def sign(
    draft_id: FromPath[UUID],
    data: JSONBody[SignDraft],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> ActWithReport:
    """Only the detached signature travels: the bytes are here already. Checked like every act."""
    return await service.sign(resources, actor, draft_id, data)


HANDLERS = [take_records, form, show, fetch, sign]
