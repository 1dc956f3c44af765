"""Orders over HTTP."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import ServerSentEvent, ServerSentEventMessage

from backend.kernel.actor import (
    EXECUTOR,
    EXECUTOR_SIGNERS,
    ISSUER,
    ISSUER_SIGNERS,
    Actor,
    Role,
)
from backend.kernel.clock import Clock
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.registry.account.api import SIGNED
from backend.registry.account.errors import AccountBlocked, AccountNotOpen, NothingToChange
from backend.registry.order import service
from backend.registry.order.errors import (
    NotAttached,
    OneOrClass,
    OrderNotFound,
    OrderWatchedTooMuch,
    PilotExpired,
    YearNotOpen,
)
from backend.registry.order.model import (
    CancelPolicies,
    ChangeExecutor,
    ChangePolicies,
    CreditPolicies,
    IssuePolicies,
    Order,
    Refusals,
    ReverseOperation,
)
from backend.registry.person.errors import InsuredNotFound
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page

ORDER = {
    "order_id": "01980000-0000-7000-8000-000000000040",
    "operation": "order.issue_policies",
    "scope": {
        "operation": "order.issue_policies",
        "year": 2026,
        "regions": ["Астана"],
        "number": "1",
    },
    "status": "RUNNING",
    "total": 20000,
    "done": 5000,
    "refused": 12,
    "failure": None,
    "created_at": "2026-04-06T04:00:00Z",
    "finished_at": None,
}
_SIGNERS = requires(*ISSUER_SIGNERS, *EXECUTOR_SIGNERS)
_READERS = requires(*ISSUER, *EXECUTOR, Role.REGISTRAR)
_ERRORS = (
    *SIGNING_ERRORS,
    AccountNotOpen,
    AccountBlocked,
    YearNotOpen,
    OneOrClass,
    InsuredNotFound,
)


def _order(name: str, summary: str, *errors: Any) -> dict[str, Any]:
    return operation(
        name,
        summary,
        discloses="nothing",
        errors=(*_ERRORS, *errors),
        body=SIGNED,
        answer=ORDER | {"status": "ACCEPTED", "total": None, "done": 0, "refused": 0},
    )


@post(
    "/orders",
    status_code=202,
    guards=[requires(*ISSUER_SIGNERS)],
    tags=["registry"],
    **_order("OrderPolicies", "Order policies for a financial year", PilotExpired),
)
async def order_policies(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Order:
    """Accept the signed order (`order.issue_policies`); ask its progress at `/orders/{order_id}`."""
    signed = await evidence.accept(resources, actor, data, IssuePolicies)
    return await service.accept(resources, actor, signed)


@post(
    "/orders/credits",
    status_code=202,
    guards=[_SIGNERS],
    tags=["registry"],
    **_order("OrderCredits", "Order issued policies to be credited", NotAttached),
)
async def order_credits(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Order:
    """Accept the signed order (`order.credit_policies`): the policies come into force (M §29(4))."""
    signed = await evidence.accept(resources, actor, data, CreditPolicies)
    return await service.accept(resources, actor, signed)


@post(
    "/orders/changes",
    status_code=202,
    guards=[_SIGNERS],
    tags=["registry"],
    **_order(
        "OrderChanges", "Order the data of policies to be changed", NotAttached, NothingToChange
    ),
)
async def order_changes(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Order:
    """Accept the signed order (`order.change_policies`, M §29(2))."""
    signed = await evidence.accept(resources, actor, data, ChangePolicies)
    return await service.accept(resources, actor, signed)


@post(
    "/orders/executor-changes",
    status_code=202,
    guards=[_SIGNERS],
    tags=["registry"],
    **_order("OrderExecutorChanges", "Order policies to follow the attachment", NotAttached),
)
async def order_executor_changes(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Order:
    """Accept the signed order (`order.change_executor`): the MIS says to whom (M §29(3), §38)."""
    signed = await evidence.accept(resources, actor, data, ChangeExecutor)
    return await service.accept(resources, actor, signed)


@post(
    "/orders/cancellations",
    status_code=202,
    guards=[_SIGNERS],
    tags=["registry"],
    **_order("OrderCancellations", "Order policies to be cancelled", NotAttached),
)
async def order_cancellations(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Order:
    """Accept the signed order (`order.cancel_policies`) on a ground of D13 (M §29(5))."""
    signed = await evidence.accept(resources, actor, data, CancelPolicies)
    return await service.accept(resources, actor, signed)


@post(
    "/orders/reversals",
    status_code=202,
    guards=[requires(*ISSUER_SIGNERS)],
    tags=["registry"],
    **_order("OrderReversal", "Order an operation made in error to be reversed"),
)
async def order_reversal(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> Order:
    """Accept the signed order (`order.reverse_operation`): a new operation names the one it undoes."""
    signed = await evidence.accept(resources, actor, data, ReverseOperation)
    return await service.accept_reversal(resources, actor, signed)


@get(
    "/orders",
    guards=[_READERS],
    tags=["registry"],
    **operation(
        "ListOrders",
        "Orders, the newest first",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [ORDER], "next": None},
    ),
)
async def list_orders(
    db: NamedDependency[Db],
    actor: NamedDependency[Actor],
    limit: PageLimit = 50,
    cursor: FromQuery[str | None] = None,
) -> Page[Order]:
    """Show all orders to the issuer and the registrar, to an executor its own."""
    return await service.orders(db, actor, cursor, limit)


@get(
    "/orders/{order_id:uuid}",
    guards=[_READERS],
    tags=["registry"],
    **operation(
        "GetOrder",
        "An order's progress",
        discloses="nothing",
        errors=(OrderNotFound,),
        answer=ORDER,
    ),
)
async def get_order(
    order_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> Order:
    """Show how far an order is carried out."""
    return await service.find(db, order_id, actor)


@get(
    "/orders/{order_id:uuid}/refusals",
    guards=[_READERS],
    tags=["registry"],
    **operation(
        "ListOrderRefusals",
        "Whom an order could not serve, and why",
        discloses="person",
        errors=(OrderNotFound, BadCursor),
        answer={
            "counts": [{"reason": "ACCOUNT_BLOCKED", "count": 12}],
            "items": [
                {
                    "person_id": "01980000-0000-7000-8000-000000000041",
                    "reason": "ACCOUNT_BLOCKED",
                }
            ],
            "next": None,
        },
    ),
)
async def list_order_refusals(
    order_id: FromPath[UUID],
    db: NamedDependency[Db],
    clock: NamedDependency[Clock],
    actor: NamedDependency[Actor],
    limit: PageLimit = 50,
    cursor: FromQuery[str | None] = None,
) -> Refusals:
    """Count those not served by reason, and list them by opaque ids."""
    return await service.refusals(db, clock, order_id, actor, cursor, limit)


@get(
    "/orders/{order_id:uuid}/progress",
    guards=[_READERS],
    tags=["registry"],
    media_type="text/event-stream",
    **operation(
        "FollowOrder",
        "Follow an order as it is carried out",
        discloses="nothing",
        errors=(OrderNotFound, OrderWatchedTooMuch),
        answer='event: progress\ndata: {"order_id": "…", "status": "RUNNING", "done": 5000, …}\n\n',
    ),
    description="Server-sent events named `progress`, each with the order as JSON; the stream ends with "
    "the order, or after ten minutes: then ask again.",
)
async def follow_order(
    order_id: FromPath[UUID], db: NamedDependency[Db], actor: NamedDependency[Actor]
) -> ServerSentEvent:
    """Send the order each time it has come further."""
    await service.find(db, order_id, actor)
    service.require_room(db)

    async def messages() -> AsyncIterator[ServerSentEventMessage]:
        async for order in service.follow(db, order_id):
            if order is None:
                yield ServerSentEventMessage(data=None, comment="…")
            else:
                body = msgspec.json.encode(order)
                yield ServerSentEventMessage(data=body.decode(), event="progress")

    return ServerSentEvent(messages())
