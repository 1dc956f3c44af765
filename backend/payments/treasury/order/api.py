"""Payment orders over HTTP."""

from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from backend.kernel.actor import ISSUER, Actor, Role
from backend.kernel.db import Db
from backend.kernel.resources import Resources
from backend.payments import examples
from backend.payments.examples import SIGNED
from backend.payments.treasury.funding.errors import NotEnoughMoney
from backend.payments.treasury.order.errors import OrderNotFound, OrderStateWrong
from backend.payments.treasury.order.model import (
    DecideOrders,
    History,
    Order,
    OrdersDecided,
    OrdersSigned,
    SignOrders,
)
from backend.payments.treasury.order.service import decide as deciding
from backend.payments.treasury.order.service import read as orders
from backend.payments.treasury.order.service import sign
from backend.signing.errors import SIGNING_ERRORS
from backend.signing.evidence import service as evidence
from backend.signing.evidence.model import SignedRequest
from backend.web.guards import requires
from backend.web.openapi import PageLimit, operation
from backend.web.paging import BadCursor, Page, decode_uuid, page

PAYERS = frozenset({Role.ISSUER_HEAD, Role.ISSUER_SIGNER, Role.ISSUER_FINANCE})


@get(
    "/payment-orders",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "ListPaymentOrders",
        "Payment orders",
        discloses="nothing",
        errors=(BadCursor,),
        answer={"items": [examples.ORDER], "next": None},
    ),
)
async def list_orders(
    db: NamedDependency[Db],
    register_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: PageLimit = 50,
) -> Page[Order]:
    """Of one register, or all. `message` is base64 of the exact bytes to sign."""
    rows = await orders.orders(db, register_id, decode_uuid(cursor), limit + 1)
    return page(rows, limit, lambda o: o.order_id)


@get(
    "/payment-orders/{order_id:uuid}",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetPaymentOrder",
        "A payment order",
        discloses="nothing",
        errors=(OrderNotFound,),
        answer=examples.ORDER,
    ),
)
async def get_order(order_id: FromPath[UUID], db: NamedDependency[Db]) -> Order:
    """Its five controls, its message, and where it stands with the Treasury."""
    return await orders.order(db, order_id)


@post(
    "/payment-orders/signatures",
    status_code=200,
    guards=[requires(PAYERS)],
    tags=["payments"],
    **operation(
        "SignPaymentOrders",
        "Sign payment orders and send them",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, OrderNotFound, OrderStateWrong, NotEnoughMoney),
        body={"signatures": [{"order_id": examples.ORDER_ID, "signature": "MIIF…"}]},
        answer={"signed": 1, "refused": []},
    ),
)
async def sign_orders(
    data: JSONBody[SignOrders],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> OrdersSigned:
    """Detached signatures over the orders' messages, at most 500. Each signed order is on its way;
    those that fail a control or are frozen are named in `refused`.
    """
    return await sign.sign(resources, actor, data)


@post(
    "/payment-orders/decisions",
    status_code=200,
    guards=[requires(PAYERS)],
    tags=["payments"],
    **operation(
        "DecidePaymentOrders",
        "Control orders again, withdraw them, or pay anew what came back",
        discloses="nothing",
        errors=(*SIGNING_ERRORS, OrderNotFound, OrderStateWrong),
        body=SIGNED,
        answer={
            "decision_id": examples.DECISION_ID,
            "decision": "WITHDRAW",
            "orders": [{"order_id": examples.ORDER_ID, "before": "DRAFT", "after": "WITHDRAWN"}],
        },
    ),
)
async def decide_orders(
    data: JSONBody[SignedRequest],
    resources: NamedDependency[Resources],
    actor: NamedDependency[Actor],
) -> OrdersDecided:
    """Signed (`payment.decide`): decision (RECHECK of unsigned orders, WITHDRAW of orders not sent,
    PAY_AGAIN of returned ones), orders (at most 500), reason. All of them, or none.
    """
    signed = await evidence.accept(resources, actor, data, DecideOrders, roles=sign.SIGNERS)
    return await deciding.decide(resources, actor, signed)


@get(
    "/payment-orders/{order_id:uuid}/history",
    guards=[requires(ISSUER)],
    tags=["payments"],
    **operation(
        "GetPaymentOrderHistory",
        "What was controlled and decided about an order",
        discloses="nothing",
        errors=(OrderNotFound,),
        answer={
            "order": examples.ORDER,
            "controls": [
                {
                    "at": "2026-06-03T05:10:00Z",
                    "status": "VERIFIED",
                    "checks": examples.ORDER["checks"],
                }
            ],
            "decisions": [],
        },
    ),
)
async def get_history(order_id: FromPath[UUID], db: NamedDependency[Db]) -> History:
    """Every run of the five controls, every decision with its reason, and the order it replaces."""
    return await orders.history(db, order_id)


HANDLERS = [list_orders, get_order, get_history, sign_orders, decide_orders]
