"""The list of insured over HTTP: ordered by a signed document, fetched as CSV."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from backend.kernel.actor import ISSUER_SIGNERS, Actor
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED, SIGNING_ERRORS
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.registry.insured_list import service
from backend.registry.insured_list.errors import (
    ExecutorNotFound,
    InsuredListNotFound,
    InsuredListNotReady,
)
from backend.registry.insured_list.model import InsuredList, ListInsured
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import operation

LIST = {
    "list_id": "01980000-0000-7000-8000-000000000090",
    "order_number": "Б-12",
    "region": "Астана",
    "executor_id": None,
    "as_of": "2026-04-06",
    "status": "DONE",
    "insured": 20000,
    "sha256": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "created_at": "2026-04-06T04:00:00Z",
    "finished_at": "2026-04-06T04:00:09Z",
}


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
        answer=LIST | {"status": "RUNNING", "insured": 0, "sha256": None, "finished_at": None},
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


@get(
    "/insured-lists/{list_id:uuid}",
    guards=[requires(ISSUER_SIGNERS)],
    tags=["registry"],
    **operation(
        "GetInsuredList",
        "A list of insured and its progress",
        discloses="nothing",
        errors=(InsuredListNotFound,),
        answer=LIST,
    ),
)
async def show(list_id: FromPath[UUID], db: NamedDependency[Db]) -> InsuredList:
    """Show how far a list is composed, and the hash its lines have."""
    return await service.find(db, list_id)


@get(
    "/insured-lists/{list_id:uuid}/file",
    guards=[requires(ISSUER_SIGNERS)],
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
async def fetch(list_id: FromPath[UUID], resources: NamedDependency[Resources]) -> Stream:
    """Hand the list out for a week after it was composed; who was listed was told then."""
    return Stream(await service.content(resources, list_id), media_type="text/csv; charset=utf-8")
