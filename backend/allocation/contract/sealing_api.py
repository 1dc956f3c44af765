"""One approval for all contracts of a decision, and contracts on paper, over HTTP."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.allocation.contract import printing, sealing, service
from backend.allocation.contract.errors import (
    ApprovalOutdated,
    ContractNotFound,
    ContractStateWrong,
    SealingNotFound,
)
from backend.allocation.contract.model import Approvable, ApproveContracts, Sealing
from backend.allocation.decision.examples import DECISION_ID, HASH
from backend.allocation.plan.errors import DocumentMismatch
from backend.allocation.plan.examples import SIGNED_EXAMPLE
from backend.kernel.actor import EXECUTOR, ISSUER, ISSUER_SIGNERS, Actor
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.seal.errors import SealMissing
from backend.web.guards import requires
from backend.web.openapi import operation

SEALING = {
    "decision_id": DECISION_ID,
    "evidence_id": "01980000-0000-7000-8000-0000000000e1",
    "contracts": 65,
    "sealed": 40,
    "approved_at": "2026-04-22T05:00:00Z",
    "finished_at": None,
}


@get(
    "/contracts/{contract_id:uuid}/pdf",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    media_type="application/pdf",
    **operation(
        "PrintContract",
        "A contract as PDF",
        discloses="nothing",
        errors=(ContractNotFound,),
        answer="%PDF-1.7 …",
    ),
)
async def print_contract(
    contract_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """PDF/A in Kazakh and Russian, the signed bytes attached. For the parties only."""
    row, content = await service.document_of(db, actor, contract_id)
    return Response(
        await printing.printed(row, content),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{row.number}.pdf"'},
    )


@get(
    "/decisions/{decision_id:uuid}/contracts/approvable",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "GetApprovableContracts",
        "What an approval of all contracts has to name",
        discloses="nothing",
        errors=(ContractNotFound,),
        answer={
            "contracts": 65,
            "waiting": 65,
            "amount_tiyn": 113827077400,
            "contents_sha256": HASH,
        },
    ),
)
async def get_approvable(decision_id: FromPath[UUID], db: NamedDependency[Db]) -> Approvable:
    """How many contracts, their sum, and the hash of their contents in the order of signing."""
    return await sealing.approvable(db, decision_id)


@post(
    "/decisions/{decision_id:uuid}/contracts/approval",
    status_code=202,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "ApproveContracts",
        "Approve all contracts of a decision at once",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            ContractNotFound,
            ContractStateWrong,
            ApprovalOutdated,
            SealMissing,
        ),
        body=SIGNED_EXAMPLE,
        answer=SEALING,
    ),
)
async def approve_contracts(
    decision_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Sealing:
    """Sign `contract.approve_all` {decision_id, contracts, contents_sha256}; the seal signs each contract."""
    signed = await evidence.accept(resources, actor, data, ApproveContracts)
    return await sealing.approve(resources, actor, decision_id, signed)


@get(
    "/decisions/{decision_id:uuid}/contracts/approval",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "GetContractsApproval",
        "How far the sealing of contracts is",
        discloses="nothing",
        errors=(SealingNotFound,),
        answer=SEALING,
    ),
)
async def get_approval(decision_id: FromPath[UUID], db: NamedDependency[Db]) -> Sealing:
    """Show how many of the approved contracts bear the seal."""
    return await sealing.progress(db, decision_id)


HANDLERS = [print_contract, get_approvable, approve_contracts, get_approval]
