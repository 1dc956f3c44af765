"""Reading payment orders."""

from uuid import UUID

from backend.kernel.db import Executor
from backend.payments.treasury.order import queries
from backend.payments.treasury.order.errors import OrderNotFound
from backend.payments.treasury.order.model import History, Order


async def order(where: Executor, order_id: UUID) -> Order:
    """One order with its controls and its message. Raises OrderNotFound."""
    found = await queries.FIND.one(where, order_id)
    if found is None:
        raise OrderNotFound
    return found


async def orders(
    where: Executor, register_id: UUID | None, after: UUID | None, limit: int
) -> list[Order]:
    """Orders in the order they were written; of one register, or all."""
    return await queries.LIST.all(where, register_id, after, limit)


async def history(where: Executor, order_id: UUID) -> History:
    """Every control and every decision of an order. Raises OrderNotFound."""
    return History(
        order=await order(where, order_id),
        controls=await queries.CONTROL_RUNS.all(where, order_id),
        decisions=await queries.DECISIONS.all(where, order_id),
    )
