"""The list of insured over HTTP: ordered by a signed document, fetched as CSV."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from backend.kernel.actor import ISSUER_SIGNERS, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.registry.insured_list import service
from backend.registry.insured_list.errors import (
    ExecutorNotFound,
    InsuredListNotFound,
    InsuredListNotReady,
)
from backend.registry.insured_list.model import InsuredList, ListInsured, RequestInsuredList
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import operation

LIST = {
    "list_id": "01980000-0000-7000-8000-000000000090",
    "basis_kind": "ORDER",
    "number": "Б-12",
    "body": None,
    "region": "Астана",
    "executor_id": None,
    "as_of": "2026-04-06",
    "status": "DONE",
    "insured": 20000,
    "sha256": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "created_at": "2026-04-06T04:00:00Z",
    "finished_at": "2026-04-06T04:00:09Z",
}
RUNNING = LIST | {"status": "RUNNING", "insured": 0, "sha256": None, "finished_at": None}


@post(
    "/insured-lists",
    status_code=202,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["registry"],
    **operation(
        "OrderInsuredList",
        "Order the list of insured",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, AccountNotOpen, AccountBlocked, ExecutorNotFound),
        body=SIGNED,
        answer=RUNNING,
    ),
)
async def order(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> InsuredList:
    """Compose the register of insured (M §30(1), §43); the signed order is `information.list_insured`.

    Every insured sees in his record that he was listed, by whom and on which order.
    """
    signed = await evidence.accept(resources, actor, data, ListInsured)
    return await service.order(resources, actor, signed)


@post(
    "/insured-lists/requests",
    status_code=202,
    guards=[requires(Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "RequestInsuredList",
        "Enter a state body's request for the list of insured",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, AccountNotOpen, AccountBlocked, ExecutorNotFound),
        body=SIGNED,
        answer=RUNNING | {"basis_kind": "REQUEST", "body": "ҚР ІІМ"},
    ),
)
async def request(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> InsuredList:
    """Compose the list for an entitled state body (M §45); signed as `information.request_insured_list`."""
    signed = await evidence.accept(resources, actor, data, RequestInsuredList)
    return await service.request(resources, actor, signed)


@get(
    "/insured-lists/{list_id:uuid}",
    guards=[requires(ISSUER_SIGNERS, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "GetInsuredList",
        "A list of insured and its progress",
        discloses="nothing",
        errors=(InsuredListNotFound,),
        answer=LIST,
    ),
)
async def show(
    list_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> InsuredList:
    """Show how far a list is composed, and the hash its lines have."""
    return await service.find(db, actor, list_id)


@get(
    "/insured-lists/{list_id:uuid}/file",
    guards=[requires(ISSUER_SIGNERS, Role.REGISTRAR)],
    tags=["registry"],
    media_type="text/csv",
    response_headers={"cache-control": "no-store"},
    **operation(
        "FetchInsuredList",
        "A list of insured as CSV",
        discloses="person",
        errors=(InsuredListNotFound, InsuredListNotReady),
        answer="policy_number,policy_status,…",
    ),
)
async def fetch(
    list_id: FromPath[UUID],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Stream:
    """Hand the list out for a week after it was composed; who was listed was told then."""
    content = await service.content(resources, actor, list_id)
    return Stream(content, media_type="text/csv; charset=utf-8")
