"""Orders over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from backend.kernel.actor import ISSUER, ISSUER_SIGNERS, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED, SIGNING_ERRORS
from backend.registry.account.errors import AccountBlocked, AccountNotOpen
from backend.registry.order import service
from backend.registry.order.errors import OrderNotFound, PilotExpired, YearNotOpen
from backend.registry.order.model import IssuePolicies, Order
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import operation

ORDER = {
    "order_id": "01980000-0000-7000-8000-000000000040",
    "operation": "order.issue_policies",
    "scope": {"operation": "order.issue_policies", "year": 2026, "region": None, "number": "1"},
    "status": "RUNNING",
    "total": 20000,
    "done": 5000,
    "created_at": "2026-04-06T04:00:00Z",
    "finished_at": None,
}


@post(
    "/orders",
    status_code=202,
    guards=[requires(ISSUER_SIGNERS)],
    tags=["registry"],
    **operation(
        "OrderPolicies",
        "Order policies for a financial year",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, AccountNotOpen, AccountBlocked, PilotExpired, YearNotOpen),
        body=SIGNED,
        answer=ORDER | {"status": "ACCEPTED", "total": None, "done": 0},
    ),
)
async def order_policies(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Order:
    """Accept the signed order (`order.issue_policies`); ask its progress at `/orders/{order_id}`."""
    signed = await evidence.accept(resources, actor, data, IssuePolicies)
    return await service.accept(resources, actor, signed)


@get(
    "/orders/{order_id:uuid}",
    guards=[requires(ISSUER, Role.REGISTRAR)],
    tags=["registry"],
    **operation(
        "GetOrder",
        "An order's progress",
        discloses="nothing",
        errors=(OrderNotFound,),
        answer=ORDER,
    ),
)
async def get_order(order_id: FromPath[UUID], db: NamedDependency[Db]) -> Order:
    """Show how far an order is carried out."""
    return await service.find(db, order_id)
