"""Contracts over HTTP, and the signature of the decision that forms them."""

import asyncio
from typing import cast
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.allocation.application.api import APPLICATION_ID, EXECUTOR_ID
from backend.allocation.application.errors import NotInOrder
from backend.allocation.contract import service
from backend.allocation.contract.errors import (
    ContentChanged,
    ContractNotFound,
    ContractStateWrong,
    ContractTwice,
)
from backend.allocation.contract.model import (
    Contract,
    ContractContent,
    ContractSummary,
    LapseContract,
    SignContract,
    SignContracts,
)
from backend.allocation.decision.examples import DECISION, DECISION_ID, HASH
from backend.allocation.decision.record import Decision, SignDecision
from backend.allocation.decision.refusals import (
    DecisionNotFound,
    DecisionStateWrong,
    ResultChanged,
)
from backend.allocation.plan.errors import DocumentMismatch, LimitsExceeded, PilotExpired
from backend.allocation.plan.examples import LINE_ID, SIGNED_EXAMPLE
from backend.kernel.actor import (
    EXECUTOR,
    EXECUTOR_SIGNERS,
    ISSUER,
    ISSUER_SIGNERS,
    Actor,
    Role,
)
from backend.kernel.calendar import LegalCalendar
from backend.kernel.clock import Clock
from backend.kernel.config import Config
from backend.kernel.db import Db
from backend.kernel.errors import Refusal
from backend.kernel.money import Language
from backend.kernel.resources import Resources
from backend.kernel.sealing import Keyring
from backend.registry.account.errors import AccountBlocked, AccountNotOpen, AgreementWithdrawn
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import Proof, SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_int, decode_uuid, page

CONTRACT_ID = "01980000-0000-7000-8000-0000000000a8"
ROW = {
    "contract_id": CONTRACT_ID,
    "number": "2026-MHI-000001",
    "decision_id": DECISION_ID,
    "application_id": APPLICATION_ID,
    "executor_id": EXECUTOR_ID,
    "executor_bin": "061211600012",
    "executor_name": "«Жетісу» клиникасы",
    "source": "mhi",
    "seq_no": 1,
    "status": "IN_SIGNING",
    "amount_tiyn": 1138270774,
    "amount_now_tiyn": 1138270774,
    "valid_from": "2026-04-21",
    "valid_to": "2026-12-31",
    "content_sha256": HASH,
    "formed_at": "2026-04-21T05:00:00Z",
    "issuer_signed_at": "2026-04-22T05:00:00Z",
    "executor_signed_at": None,
    "ended_at": None,
}
SUMMARY = {"contract": ROW, "status_text": "Being signed"}


@post(
    "/decisions/{decision_id:uuid}/signature",
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["allocation"],
    **operation(
        "SignDecision",
        "Sign the decision and form its contracts",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            DocumentMismatch,
            DecisionNotFound,
            DecisionStateWrong,
            ResultChanged,
            LimitsExceeded,
            PilotExpired,
            AccountNotOpen,
        ),
        body=SIGNED_EXAMPLE,
        answer={**DECISION, "status": "SIGNED", "signed_at": "2026-04-21T05:00:00Z"},
    ),
)
async def sign_decision(
    decision_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    calendar: NamedDependency[LegalCalendar],
    keyring: NamedDependency[Keyring],
    config: NamedDependency[Config],
    actor: NamedDependency[Actor],
) -> Decision:
    """The issuer's head signs `{"operation": "decision.sign", decision_id, result_sha256}`."""
    signed = await evidence.accept(
        resources, actor, data, SignDecision, roles=frozenset({CertificateRole.HEAD})
    )
    return await service.sign_decision(
        db, clock, calendar, keyring, config, actor, decision_id, signed
    )


@get(
    "/decisions/{decision_id:uuid}/contracts",
    guards=[requires(ISSUER)],
    tags=["allocation"],
    **operation(
        "ListDecisionContracts",
        "Contracts of a decision in the order of signing",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [SUMMARY], "next": None},
    ),
)
async def list_of_decision(
    decision_id: FromPath[UUID],
    db: NamedDependency[Db],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[ContractSummary]:
    """Sign their contents in this order."""
    rows = await service.of_decision(
        db, decision_id, decode_int(cursor), limit, cast(Language, language)
    )
    return page(rows, limit, lambda c: c.contract.seq_no)


@get(
    "/contracts",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "ListContracts",
        "My contracts",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [SUMMARY], "next": None},
    ),
)
async def list_contracts(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[ContractSummary]:
    """The issuer's all, an executor's own once the issuer signed; newest first."""
    rows = await service.contracts(db, actor, decode_uuid(cursor), limit, cast(Language, language))
    return page(rows, limit, lambda c: c.contract.contract_id)


@get(
    "/contracts/{contract_id:uuid}",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "GetContract",
        "One contract",
        discloses="nothing",
        errors=(ContractNotFound,),
        answer={
            **SUMMARY,
            "lines": [
                {
                    "line_id": LINE_ID,
                    "code": "2026-mhi-75-cdc",
                    "service_type": "cdc",
                    "region": "75",
                    "title_kk": "КДК",
                    "title_ru": "КДП",
                    "unit": "service",
                    "units": 922,
                    "tariff_tiyn": 1234567,
                    "amount_tiyn": 1138270774,
                }
            ],
        },
    ),
)
async def get_contract(
    contract_id: FromPath[UUID],
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> Contract:
    """For its parties only."""
    return await service.contract(db, actor, contract_id, cast(Language, language))


@get(
    "/contracts/{contract_id:uuid}/content",
    guards=[requires(ISSUER, EXECUTOR)],
    tags=["allocation"],
    **operation(
        "GetContractContent",
        "The exact bytes of a contract to sign",
        discloses="nothing",
        errors=(ContractNotFound,),
        answer={
            "contract_id": CONTRACT_ID,
            "content": "eyJhbW91bnRfdGl5biI6MTEzODI3MDc3NCwi…",
            "content_sha256": HASH,
        },
    ),
)
async def get_content(
    contract_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> ContractContent:
    """Decode the base64 and sign the bytes as they are (detached CMS). For the parties only."""
    return await service.content_of(db, actor, contract_id)


@post(
    "/contracts/signatures",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["allocation"],
    **operation(
        "SignContracts",
        "The issuer signs the next contracts",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            ContractNotFound,
            ContractTwice,
            ContractStateWrong,
            ContentChanged,
            NotInOrder,
            PilotExpired,
        ),
        body={"signatures": [{"contract_id": CONTRACT_ID, "signature": "MIIF…"}]},
        answer=[SUMMARY],
    ),
)
async def sign_as_issuer(
    data: JSONBody[SignContracts],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> list[ContractSummary]:
    """Detached CMS over each content; the first unsigned ones of a decision, all of them or none."""
    documents = await service.contents(db, [s.contract_id for s in data.signatures])

    async def verified(i: int) -> Proof:
        signature = data.signatures[i]
        try:
            return await evidence.accept_detached(
                resources,
                actor,
                signature.signature,
                documents[signature.contract_id],
                operation=service.ISSUER_OPERATION,
            )
        except Refusal as e:
            e.path = f"signatures[{i}].signature"
            raise

    proofs = await asyncio.gather(*(verified(i) for i in range(len(data.signatures))))
    named = {s.contract_id: p for s, p in zip(data.signatures, proofs, strict=True)}
    return await service.sign_as_issuer(
        db,
        clock,
        actor,
        named,
        cast(Language, language),
        pilot_valid_to=resources.config.pilot_valid_to,
    )


@post(
    "/contracts/{contract_id:uuid}/signature",
    guards=[requires(EXECUTOR_SIGNERS)],
    tags=["allocation"],
    **operation(
        "SignContract",
        "The executor signs a contract",
        discloses="nothing",
        errors=(
            *SIGNING_ERRORS,
            ContractNotFound,
            ContractStateWrong,
            ContentChanged,
            AccountNotOpen,
            AccountBlocked,
            AgreementWithdrawn,
            PilotExpired,
        ),
        body={"signature": "MIIF…"},
        answer={
            "contract": {
                **ROW,
                "status": "SIGNED",
                "executor_signed_at": "2026-04-23T05:00:00Z",
            },
            "status_text": "Signed",
        },
    ),
)
async def sign_as_executor(
    contract_id: FromPath[UUID],
    data: JSONBody[SignContract],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> ContractSummary:
    """Detached CMS over the same bytes the issuer signed; the contract is in force then."""
    row = await service.content_of(db, actor, contract_id)
    documents = await service.contents(db, [row.contract_id])
    proof = await evidence.accept_detached(
        resources,
        actor,
        data.signature,
        documents[contract_id],
        operation=service.EXECUTOR_OPERATION,
    )
    return await service.sign_as_executor(
        db,
        clock,
        actor,
        contract_id,
        proof,
        cast(Language, language),
        pilot_valid_to=resources.config.pilot_valid_to,
    )


@post(
    "/contracts/{contract_id:uuid}/lapse",
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["allocation"],
    **operation(
        "LapseContract",
        "End a contract its executor did not sign",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, DocumentMismatch, ContractNotFound, ContractStateWrong),
        body=SIGNED_EXAMPLE,
        answer={
            "contract": {**ROW, "status": "LAPSED", "ended_at": "2026-05-05T05:00:00Z"},
            "status_text": "Not concluded",
        },
    ),
)
async def lapse(
    contract_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    language: NamedDependency[str],
) -> ContractSummary:
    """The head signs `{"operation": "contract.lapse", contract_id, reason}`; time alone ends nothing."""
    signed = await evidence.accept(
        resources, actor, data, LapseContract, roles=frozenset({CertificateRole.HEAD})
    )
    return await service.lapse(db, clock, actor, contract_id, signed, cast(Language, language))


HANDLERS = [
    sign_decision,
    list_of_decision,
    list_contracts,
    get_contract,
    get_content,
    sign_as_issuer,
    sign_as_executor,
    lapse,
]
