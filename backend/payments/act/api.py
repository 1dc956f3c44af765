"""Acts over HTTP."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, ISSUER, ISSUER_SIGNERS, Actor
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.act.errors import (
    ActNotFound,
    ActStateWrong,
    ContentMismatch,
    ContractNotFound,
    ContractNotSigned,
    DuplicateAct,
    NotInOrder,
    OverContract,
    PeriodMismatch,
)
from backend.payments.act.model import (
    Act,
    ActCase,
    ActStatus,
    ActWithReport,
    ApproveAct,
)
from backend.payments.act.service import approve, read, receive, submit
from backend.payments.examples import ACT, CASE, SIGNED
from backend.payments.suspension.errors import Suspended
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, page

_WITH_REPORT: dict[str, Any] = {**ACT, "report": {"counts": {}, "lines": []}, "skips": []}


@post(
    "/acts",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["payments"],
    **operation(
        "SubmitAct",
        "Present an act of rendered services",
        discloses="person",
        errors=(
            *SIGNING_ERRORS,
            AccountNotOpen,
            AccountBlocked,
            ContractNotFound,
            ContractNotSigned,
            PeriodMismatch,
            DuplicateAct,
        ),
        body=SIGNED,
        answer=_WITH_REPORT,
    ),
)
async def submit_act(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> ActWithReport:
    """Store and check an act, signed (`act.submit`): contract_id, number, period_from, period_to,
    cases[{service_record_id, iin, worker_iin, service_code, line_id, units, service_date,
    episode?, referral?, admitted_on?}], at most 50 000.

    Every line is checked; an act with a failing line is `CHECK_FAILED` and says which and why.
    """
    signed = await receive.accept(resources, actor, data)
    return await submit.submit(resources, actor, signed)


@get(
    "/acts",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "ListActs",
        "Acts in the order of submission",
        discloses="nothing",
        errors=(BadCursor, AccountNotOpen),
        answer={"items": [ACT], "next": None},
    ),
)
async def list_acts(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    status: FromQuery[ActStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Act]:
    """The executor sees its own, the issuer all. `frozen` says why an act cannot go on."""
    scope = await read.scope_of(db, actor)
    rows = await read.acts(db, scope, status, decode_int(cursor) or 0, limit + 1)
    return page(rows, limit, lambda act: act.seq_no)


@get(
    "/acts/{act_id:uuid}",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "GetAct",
        "An act and the report of its checks",
        discloses="nothing",
        errors=(ActNotFound, AccountNotOpen),
        answer=_WITH_REPORT,
    ),
)
async def get_act(
    act_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> ActWithReport:
    """The act, its report per line, and why the queue went past it."""
    return await read.act_with_report(db, act_id, await read.scope_of(db, actor))


@get(
    "/acts/{act_id:uuid}/cases",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "ListActCases",
        "The cases of an act",
        discloses="person",
        errors=(ActNotFound, AccountNotOpen, BadCursor),
        answer={"items": [CASE], "next": None},
    ),
)
async def list_cases(
    act_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[ActCase]:
    """Line by line, without the persons: amounts, evidence of the visit, errors."""
    return await read.cases(db, clock, actor, act_id, cursor, limit)


@post(
    "/acts/{act_id:uuid}/approval",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["payments"],
    **operation(
        "ApproveAct",
        "The issuer signs an act",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            ActNotFound,
            ActStateWrong,
            ContentMismatch,
            Suspended,
            NotInOrder,
            OverContract,
        ),
        body=SIGNED,
        answer={**ACT, "status": "SIGNED_BY_ISSUER", "signed_at": "2026-06-02T05:00:00Z"},
    ),
)
async def approve_act(
    act_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Act:
    """Accept an act, signed (`act.approve`): act_id, content_sha256.

    In the order of submission; frozen and held acts are passed over with a recorded reason.
    """
    signed = await evidence.accept(resources, actor, data, ApproveAct)
    if signed.command.act_id != act_id:
        raise DocumentMalformed(path="$.act_id", detail="not the act of this address")
    return await approve.approve(resources, actor, signed)


HANDLERS = [submit_act, list_acts, get_act, list_cases, approve_act]
