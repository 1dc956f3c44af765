"""Cancelling acts over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.kernel.actor import EXECUTOR, EXECUTOR_SIGNERS, ISSUER, ISSUER_SIGNERS, Actor
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.act.errors import ActNotFound, ActStateWrong, ContentMismatch
from backend.payments.act.service import read
from backend.payments.cancellation import service
from backend.payments.cancellation.errors import CancellationNotFound, InvoiceStands
from backend.payments.cancellation.model import AgreeToCancel, CancelAct, Cancellation
from backend.payments.examples import ACT_ID, SIGNED
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import operation

_CANCELLATION = {
    "act_id": ACT_ID,
    "reason": "Қызмет саны қате көрсетілген",
    "proposed_at": "2026-06-03T05:00:00Z",
    "cancelled_at": None,
}


@post(
    "/acts/{act_id:uuid}/cancellation",
    status_code=200,
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["payments"],
    **operation(
        "CancelAct",
        "The executor takes an act back",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            AccountNotOpen,
            AccountBlocked,
            ActNotFound,
            ActStateWrong,
            ContentMismatch,
            InvoiceStands,
        ),
        body=SIGNED,
        answer=_CANCELLATION,
    ),
)
async def cancel(
    act_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Cancellation:
    """Cancel an act, signed (`act.cancel`): act_id, content_sha256, reason.

    Before the issuer has signed it is cancelled at once; after, the issuer has to agree. Never once
    it stands in a register; a standing e-invoice is revoked first.
    """
    signed = await evidence.accept(resources, actor, data, CancelAct)
    if signed.command.act_id != act_id:
        raise DocumentMalformed(path="$.act_id", detail="not the act of this address")
    return await service.cancel(resources, actor, signed)


@post(
    "/acts/{act_id:uuid}/cancellation/agreement",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["payments"],
    **operation(
        "AgreeToCancelAct",
        "The issuer agrees that an act is taken back",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            CancellationNotFound,
            ActNotFound,
            ActStateWrong,
            ContentMismatch,
            InvoiceStands,
        ),
        body=SIGNED,
        answer=_CANCELLATION | {"cancelled_at": "2026-06-04T05:00:00Z"},
    ),
)
async def agree(
    act_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Cancellation:
    """Agree, signed (`act.agree_to_cancel`): act_id, content_sha256. The money returns to the contract."""
    signed = await evidence.accept(resources, actor, data, AgreeToCancel)
    if signed.command.act_id != act_id:
        raise DocumentMalformed(path="$.act_id", detail="not the act of this address")
    return await service.agree(resources, actor, signed)


@get(
    "/acts/{act_id:uuid}/cancellation",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "GetActCancellation",
        "The cancelling act of an act",
        discloses="nothing",
        errors=(CancellationNotFound, AccountNotOpen),
        answer=_CANCELLATION,
    ),
)
async def show(
    act_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Cancellation:
    """Why it is taken back, and whether it is."""
    return await service.find(db, act_id, await read.scope_of(db, actor))


HANDLERS = [cancel, agree, show]
