"""Suspensions over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import EXECUTOR, ISSUER, ISSUER_SIGNERS, Actor
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.examples import SIGNED, SUSPENSION
from backend.payments.suspension import service
from backend.payments.suspension.errors import (
    AlreadySuspended,
    CauseNotRemoved,
    ExecutorUnknown,
    SuspensionNotActive,
    SuspensionNotFound,
)
from backend.payments.suspension.model import Change, Resume, Suspend, Suspension, SuspensionStatus
from backend.registry.account.errors import AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page


@get(
    "/suspensions",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "ListSuspensions",
        "Suspensions of payment and approval",
        discloses="nothing",
        errors=(BadCursor, AccountNotOpen),
        answer={"items": [SUSPENSION], "next": None},
    ),
)
async def list_suspensions(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    status: FromQuery[SuspensionStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Suspension]:
    """The executor sees its own, the issuer all."""
    scope = await service.scope_of(db, actor)
    rows = await service.page(db, scope, status, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda s: s.suspension_id)


@get(
    "/suspensions/{suspension_id:uuid}",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "GetSuspension",
        "One suspension",
        discloses="nothing",
        errors=(SuspensionNotFound, AccountNotOpen),
        answer=SUSPENSION,
    ),
)
async def get_suspension(
    suspension_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Suspension:
    """The ground, its basis, and the last day to remove the cause."""
    return await service.find(db, suspension_id, await service.scope_of(db, actor))


@get(
    "/suspensions/{suspension_id:uuid}/history",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "ListSuspensionHistory",
        "What became of a suspension",
        discloses="nothing",
        errors=(SuspensionNotFound, AccountNotOpen),
        answer=[
            {
                "at": SUSPENSION["detected_at"],
                "kind": "PaymentSuspended",
                "actor": "system:00000000-0000-0000-0000-000000000000",
                "payload": {"ground": "S3", "executor_id": SUSPENSION["executor_id"]},
            }
        ],
    ),
)
async def list_history(
    suspension_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> list[Change]:
    """Every event of its life, in order: raised, resumed or expired, by whom and when."""
    return await service.history(db, suspension_id, await service.scope_of(db, actor))


@post(
    "/suspensions",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["payments"],
    **operation(
        "SuspendPayment",
        "Suspend on S1, S2 or S4",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, ExecutorUnknown, AlreadySuspended),
        body=SIGNED,
        answer={**SUSPENSION, "ground": "S2", "act_id": None, "contract_id": None},
    ),
)
async def suspend(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Suspension:
    """Freeze approval and payment, signed (`suspension.raise`): executor_id, ground, basis,
    document_sha256, contract_id? (without it: all contracts). S3 is raised by the service itself, and
    so are S1, S2 and S4 where it can see the cause.
    """
    signed = await evidence.accept(resources, actor, data, Suspend)
    return await service.suspend(resources, actor, signed)


@post(
    "/suspensions/{suspension_id:uuid}/resolution",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["payments"],
    **operation(
        "ResumePayment",
        "Resume after the cause was removed",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, SuspensionNotFound, SuspensionNotActive, CauseNotRemoved),
        body=SIGNED,
        answer={**SUSPENSION, "status": "RESUMED", "resumed_at": "2026-07-01T05:00:00Z"},
    ),
)
async def resume(
    suspension_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Suspension:
    """Resume within four months, signed (`suspension.resume`): suspension_id, document_sha256, text,
    document_date?. Of S1 and S2 the source is asked once more; what it still shows is not removed.
    """
    signed = await evidence.accept(resources, actor, data, Resume)
    if signed.command.suspension_id != suspension_id:
        raise DocumentMalformed(path="$.suspension_id", detail="not the one of this address")
    return await service.resume(resources, actor, signed)


HANDLERS = [list_suspensions, get_suspension, list_history, suspend, resume]
