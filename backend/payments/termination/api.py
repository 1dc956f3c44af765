"""Terminations over HTTP."""

from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import EXECUTOR, ISSUER, ISSUER_SIGNERS, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments.examples import (
    ACT_ID,
    CONTRACT_ID,
    EXECUTOR_ID,
    SHA256,
    SIGNED,
)
from backend.payments.suspension import service as suspension
from backend.payments.suspension.model import Change
from backend.payments.termination import service
from backend.payments.termination.errors import (
    ActNotBefore,
    AlreadyTerminated,
    DocumentNeeded,
    EffectiveDateWrong,
    NothingToTerminate,
    TerminationNotFound,
    TerminationNotOpen,
)
from backend.payments.termination.model import (
    Open,
    Settle,
    Terminate,
    Termination,
    TerminationStatus,
    TerminationWithActs,
    Withdraw,
)
from backend.registry.account.errors import AccountNotOpen
from backend.signing.errors import SIGNING_ERRORS, DocumentMalformed
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.signing.model import Role as CertificateRole
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page

_HEAD = frozenset({CertificateRole.HEAD})
TERMINATION: dict[str, Any] = {
    "termination_id": "01980000-0000-7000-8000-0000000000e7",
    "executor_id": EXECUTOR_ID,
    "ground": "T1",
    "status": "OPEN",
    "detected_at": "2026-06-10T05:00:00Z",
    "effective_from": "2026-06-10",
    "basis": "Лицензиядан айыру туралы шешім",
    "document": {
        "number": "12-4/7",
        "issued_on": "2026-06-08",
        "issued_by": "Медициналық және фармацевтикалық бақылау комитеті",
        "sha256": SHA256,
    },
    "suspension_id": None,
    "protocol_id": None,
    "contract_ids": [CONTRACT_ID],
    "decision": None,
    "decided_at": None,
    "withdrawal": None,
    "withdrawn_at": None,
}
ACT: dict[str, Any] = {
    "act_id": ACT_ID,
    "contract_id": CONTRACT_ID,
    "number": "2026-05/1",
    "status": "CHECK_PASSED",
    "total_tiyn": 123456700,
    "before": True,
    "verdict": None,
    "decided_at": None,
}


@get(
    "/terminations",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "ListTerminations",
        "Terminations of payment",
        discloses="nothing",
        errors=(BadCursor, AccountNotOpen),
        answer={"items": [TERMINATION], "next": None},
    ),
)
async def list_terminations(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    status: FromQuery[TerminationStatus | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Termination]:
    """The newest first; the executor sees its own, the issuer all."""
    scope = await suspension.scope_of(db, actor)
    rows = await service.page(db, scope, status, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda t: t.termination_id)


@get(
    "/terminations/{termination_id:uuid}",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "GetTermination",
        "A termination and the acts it stops",
        discloses="nothing",
        errors=(TerminationNotFound, AccountNotOpen),
        answer={"termination": TERMINATION, "acts": [ACT]},
    ),
)
async def get_termination(
    termination_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> TerminationWithActs:
    """The ground, its document and date; each unpaid act, whether it was before the date, its verdict."""
    return await service.find(db, termination_id, await suspension.scope_of(db, actor))


@get(
    "/terminations/{termination_id:uuid}/history",
    guards=[requires(EXECUTOR, ISSUER)],
    tags=["payments"],
    **operation(
        "ListTerminationHistory",
        "What became of a termination",
        discloses="nothing",
        errors=(TerminationNotFound, AccountNotOpen),
        answer=[
            {
                "at": TERMINATION["detected_at"],
                "kind": "PaymentTerminated",
                "actor": "issuer_head:061211600012",
                "payload": {"ground": "T1", "effective_from": TERMINATION["effective_from"]},
            }
        ],
    ),
)
async def list_history(
    termination_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> list[Change]:
    """Every event of its life, in order, with who caused it."""
    return await service.history(db, termination_id, await suspension.scope_of(db, actor))


@post(
    "/terminations",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["payments"],
    **operation(
        "StopPayment",
        "Stop payment on T1 or T2",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, EffectiveDateWrong, NothingToTerminate, AlreadyTerminated),
        body=SIGNED,
        answer=TERMINATION,
    ),
)
async def open_termination(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Termination:
    """Stop payment from now on, signed (`termination.open`): executor_id, ground, effective_from,
    document {number, issued_on, issued_by, sha256}, basis, contract_id? (without it: all contracts).

    `effective_from`: T1 the day the issuer received the decision, T2 the day of the record (D10). A
    protocol signed on the portal opens T2 by itself, and the end of the four months T3.
    """
    signed = await evidence.accept(resources, actor, data, Open)
    return await service.open_(resources, actor, signed)


@post(
    "/terminations/{termination_id:uuid}/decision",
    status_code=200,
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["payments"],
    **operation(
        "TerminateContracts",
        "Terminate the contracts",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, TerminationNotFound, TerminationNotOpen, DocumentNeeded),
        body=SIGNED,
        answer={
            **TERMINATION,
            "status": "DECIDED",
            "decision": "Шарт бұзылсын",
            "decided_at": "2026-06-15T05:00:00Z",
        },
    ),
)
async def decide(
    termination_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Termination:
    """The issuer's decision on the portal (M §18), signed by its head (`contract.terminate`):
    termination_id, text, document? (of T3, which has none before).

    Contracts in force become TERMINATED_BY_ISSUER; what they still hold returns to the plan.
    """
    signed = await evidence.accept(resources, actor, data, Terminate, roles=_HEAD)
    _require_same(signed.command.termination_id, termination_id)
    return await service.decide(resources, actor, signed)


@post(
    "/terminations/{termination_id:uuid}/acts",
    status_code=200,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["payments"],
    **operation(
        "DecideStoppedActs",
        "Settle or hold acts of before",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, TerminationNotFound, TerminationNotOpen, ActNotBefore),
        body=SIGNED,
        answer={
            "termination": TERMINATION,
            "acts": [{**ACT, "verdict": "SETTLE", "decided_at": "2026-06-16T05:00:00Z"}],
        },
    ),
)
async def settle(
    termination_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> TerminationWithActs:
    """Acts for services before the effective date (D10), signed (`termination.settle`):
    termination_id, acts[], verdict (SETTLE, HOLD), reason. Without it they stay stopped."""
    signed = await evidence.accept(resources, actor, data, Settle)
    _require_same(signed.command.termination_id, termination_id)
    return await service.settle(resources, actor, signed)


@post(
    "/terminations/{termination_id:uuid}/withdrawal",
    status_code=200,
    guards=[requires(Role.ISSUER_HEAD)],
    tags=["payments"],
    **operation(
        "WithdrawTermination",
        "Withdraw a termination whose ground fell away",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, TerminationNotFound, TerminationNotOpen),
        body=SIGNED,
        answer={
            **TERMINATION,
            "status": "WITHDRAWN",
            "withdrawal": "Сот шешімнің күшін жойды",
            "withdrawn_at": "2026-06-14T05:00:00Z",
        },
    ),
)
async def withdraw(
    termination_id: FromPath[UUID],
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Termination:
    """Before the contracts are terminated, with its document, signed by the head
    (`termination.withdraw`): termination_id, document, text."""
    signed = await evidence.accept(resources, actor, data, Withdraw, roles=_HEAD)
    _require_same(signed.command.termination_id, termination_id)
    return await service.withdraw(resources, actor, signed)


def _require_same(signed: UUID, addressed: UUID) -> None:
    if signed != addressed:
        raise DocumentMalformed(path="$.termination_id", detail="not the one of this address")


HANDLERS = [
    list_terminations,
    get_termination,
    list_history,
    open_termination,
    decide,
    settle,
    withdraw,
]
