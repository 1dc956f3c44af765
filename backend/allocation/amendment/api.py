"""Supplementary agreements over HTTP."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.allocation.amendment import printing, service
from backend.allocation.amendment.errors import (
    AmendmentNotFound,
    AmendmentOpen,
    AmendmentStateWrong,
    ChangeNotInForce,
    LineInvalid,
    LineNotFree,
)
from backend.allocation.amendment.examples import AMENDMENT, AMENDMENT_ID, LINE
from backend.allocation.amendment.model import (
    Amendment,
    AmendmentContent,
    FormAmendment,
    ShownAmendment,
    SignAmendment,
    WithdrawAmendment,
)
from backend.allocation.contract.errors import ContentChanged, ContractNotFound
from backend.allocation.decision.examples import HASH
from backend.allocation.plan.errors import DocumentMismatch
from backend.allocation.plan.examples import LINE_ID, SIGNED_EXAMPLE
from backend.allocation.plan_change.api import CHANGE_ID
from backend.kernel.actor import EXECUTOR, ISSUER, ISSUER_SIGNERS, Actor
from backend.kernel.clock import Clock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.account.errors import AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import operation


@post(
    "/contracts/{contract_id:uuid}/amendments",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "FormContractAmendment",
        "Draft a supplementary agreement after a plan change",
        discloses="nothing",
        errors=(
            ContractNotFound,
            AmendmentStateWrong,
            ChangeNotInForce,
            LineInvalid,
            LineNotFree,
            AmendmentOpen,
            AccountNotOpen,
        ),
        body={"change_id": CHANGE_ID, "lines": [{"line_id": LINE_ID, "units": 1000}]},
        answer={
            "amendment": {**AMENDMENT, "status": "FORMED", "issuer_signed_at": None},
            "lines": [LINE],
        },
    ),
)
async def form(
    contract_id: FromPath[UUID],
    data: JSONBody[FormAmendment],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    keyring: NamedDependency[Keyring],
    config: NamedDependency[Config],
) -> ShownAmendment:
    """Name an applied change of the plan, and how many units of each line the contract shall have in all.

    A line of the plan that the contract does not have yet may be named too. A draft binds nobody.
    """
    return await service.form(db, clock, keyring, config, contract_id, data)


@get(
    "/contracts/{contract_id:uuid}/amendments",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ListContractAmendments",
        "Supplementary agreements of a contract",
        discloses="nothing",
        errors=(ContractNotFound,),
        answer=[AMENDMENT],
    ),
)
async def list_of_contract(
    contract_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> list[Amendment]:
    """In their order; for the parties, and for the executor once the issuer has signed."""
    return await service.of_contract(db, actor, contract_id)


@get(
    "/contract-amendments/{amendment_id:uuid}",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "GetContractAmendment",
        "One supplementary agreement",
        discloses="nothing",
        errors=(AmendmentNotFound,),
        answer={"amendment": AMENDMENT, "lines": [LINE]},
    ),
)
async def get_amendment(
    amendment_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> ShownAmendment:
    """With every line before and after. For the parties only."""
    return await service.shown(db, actor, amendment_id)


@get(
    "/contract-amendments/{amendment_id:uuid}/content",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "GetContractAmendmentContent",
        "The exact bytes of a supplementary agreement to sign",
        discloses="nothing",
        errors=(AmendmentNotFound,),
        answer={"amendment_id": AMENDMENT_ID, "content": "eyJhbW91bnQi…", "content_sha256": HASH},
    ),
)
async def get_content(
    amendment_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> AmendmentContent:
    """Decode the base64 and sign the bytes as they are (detached CMS). For the parties only."""
    return await service.content_of(db, actor, amendment_id)


@get(
    "/contract-amendments/{amendment_id:uuid}/pdf",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    media_type="application/pdf",
    **operation(
        "PrintContractAmendment",
        "A supplementary agreement as PDF",
        discloses="nothing",
        errors=(AmendmentNotFound,),
        answer="%PDF-1.7 …",
    ),
)
async def print_amendment(
    amendment_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """PDF/A in Kazakh and Russian, the signed bytes attached. For the parties only."""
    row, content = await service.document_of(db, actor, amendment_id)
    name = row.number.replace("/", "-")
    return Response(
        await printing.printed(row, content),
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


@post(
    "/contract-amendments/{amendment_id:uuid}/issuer-signature",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "OfferContractAmendment",
        "The issuer signs a supplementary agreement",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, AmendmentNotFound, AmendmentStateWrong, ContentChanged),
        body={"signature": "MIIF…"},
        answer=AMENDMENT,
    ),
)
async def sign_as_issuer(
    amendment_id: FromPath[UUID],
    data: JSONBody[SignAmendment],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Amendment:
    """Detached CMS over the content; the executor may sign then."""
    _, document = await service.document_of(db, actor, amendment_id)
    proof = await evidence.accept_detached(
        resources, actor, data.signature, document, operation=service.ISSUER_OPERATION
    )
    return await service.sign_as_issuer(db, clock, actor, amendment_id, proof)


@post(
    "/contract-amendments/{amendment_id:uuid}/withdrawal",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "WithdrawContractAmendment",
        "Give up a supplementary agreement that is not signed",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, DocumentMismatch, AmendmentNotFound, AmendmentStateWrong),
        body=SIGNED_EXAMPLE,
        answer={**AMENDMENT, "status": "WITHDRAWN", "withdrawn_at": "2026-07-03T05:00:00Z"},
    ),
)
async def withdraw(
    amendment_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
) -> Amendment:
    """Sign `contract_amendment.withdraw` {amendment_id, reason}, while the executor has not signed."""
    signed = await evidence.accept(resources, actor, data, WithdrawAmendment)
    return await service.withdraw(db, clock, amendment_id, signed)


HANDLERS = [
    form,
    list_of_contract,
    get_amendment,
    get_content,
    print_amendment,
    sign_as_issuer,
    withdraw,
]
