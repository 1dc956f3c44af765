"""Supplementary agreements over HTTP, as far as money moves: the executor's signature."""

from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.allocation.amendment.errors import AmendmentNotFound, AmendmentStateWrong
from backend.allocation.amendment.examples import AMENDMENT
from backend.allocation.amendment.model import Amendment, SignAmendment
from backend.allocation.amendment.service import EXECUTOR_OPERATION
from backend.allocation.contract.errors import ContentChanged
from backend.kernel.actor import EXECUTOR_SIGNERS, Actor
from backend.kernel.resources import Resources
from backend.payments.amendment import service
from backend.payments.ledger.errors import BalanceTooSmall
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.web.guards import requires
from backend.web.openapi import operation


@post(
    "/contract-amendments/{amendment_id:uuid}/signature",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["allocation"],
    **operation(
        "SignContractAmendment",
        "The executor signs a supplementary agreement",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            AmendmentNotFound,
            AmendmentStateWrong,
            ContentChanged,
            BalanceTooSmall,
            AccountNotOpen,
            AccountBlocked,
        ),
        body={"signature": "MIIF…"},
        answer={**AMENDMENT, "status": "SIGNED", "executor_signed_at": "2026-07-02T05:00:00Z"},
    ),
)
async def sign(
    amendment_id: FromPath[UUID],
    data: JSONBody[SignAmendment],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Amendment:
    """Detached CMS over the bytes the issuer signed; the contract's lines and the ledger follow at once."""
    db = resources.db.payments
    document = await service.content(db, amendment_id)
    proof = await evidence.accept_detached(
        resources, actor, data.signature, document, operation=EXECUTOR_OPERATION
    )
    return await service.sign(db, resources.clock, actor, amendment_id, proof)


HANDLERS = [sign]
