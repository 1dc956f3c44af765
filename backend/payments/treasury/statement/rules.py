"""Does a booking agree with our books, and what follows from it. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from backend.payments.treasury.order.model import OrderStatus
from backend.payments.treasury.statement.model import (
    BookingStatus,
    Effect,
    Known,
    OrderOf,
    Outcome,
    TransferOf,
)
from backend.sources.treasury.model import Movement

READ_AGAIN: Final = timedelta(seconds=30)  # the stated pace of our reading of statements
ON_ITS_WAY: Final = frozenset(
    {OrderStatus.SENT, OrderStatus.UNKNOWN, OrderStatus.ACCEPTED_BY_TREASURY}
)


def compare(
    entry: Movement, orders: Mapping[str, OrderOf], transfers: Mapping[str, TransferOf]
) -> Outcome:
    """What an entry is in our books.

    A payment names its order by our message id: a booked one is executed, whatever the Treasury's answer
    said or lost. Money that came back names the same id. Other money that came names a transfer.
    """
    order = orders.get(entry.end_to_end_id or "")
    if order is not None:
        return _of_order(entry, order)
    transfer = transfers.get(entry.end_to_end_id or "")
    if entry.direction == "DBIT" or transfer is None:
        return Outcome(BookingStatus.UNMATCHED)
    if transfer.booked:
        return Outcome(BookingStatus.DOUBLE, transfer_id=transfer.transfer_id)
    same = entry.amount_tiyn == transfer.amount_tiyn
    status = BookingStatus.MATCHED if same else BookingStatus.WRONG_SUM
    return Outcome(status, transfer_id=transfer.transfer_id)


def _of_order(entry: Movement, order: OrderOf) -> Outcome:
    def differs(status: BookingStatus) -> Outcome:
        return Outcome(status, order_id=order.order_id)

    back = entry.direction == "CRDT"
    if order.booked_back if back else order.booked:
        return differs(BookingStatus.DOUBLE)
    if entry.amount_tiyn != order.amount_tiyn:
        return differs(BookingStatus.WRONG_SUM)
    if back:
        return _came_back(order)
    if order.status in ON_ITS_WAY:
        return Outcome(BookingStatus.MATCHED, Effect.EXECUTE, order.order_id)
    if order.status is OrderStatus.EXECUTED:
        return Outcome(BookingStatus.MATCHED, order_id=order.order_id)
    return differs(BookingStatus.UNEXPECTED)


def _came_back(order: OrderOf) -> Outcome:
    """Only what was paid comes back; what we have as returned already needs no second return."""
    if order.status is OrderStatus.EXECUTED or order.status in ON_ITS_WAY:
        return Outcome(BookingStatus.MATCHED, Effect.RETURN, order.order_id)
    return Outcome(BookingStatus.UNEXPECTED, order_id=order.order_id)


def same(entry: Movement, known: Known) -> bool:
    """Does the Treasury tell a booking as it told it before?"""
    return (
        entry.booked_on,
        entry.direction,
        entry.returned,
        entry.amount_tiyn,
        entry.end_to_end_id,
    ) == (
        known.booked_on,
        known.direction,
        known.returned,
        known.amount_tiyn,
        known.end_to_end_id,
    )


def remember(
    entry: Movement,
    outcome: Outcome,
    orders: dict[str, OrderOf],
    transfers: dict[str, TransferOf],
) -> None:
    """Let what an entry did be known to the entries after it."""
    if outcome.status is not BookingStatus.MATCHED or entry.end_to_end_id is None:
        return
    name = entry.end_to_end_id
    if outcome.transfer_id is not None:
        transfers[name] = replace(transfers[name], booked=True)
    elif entry.direction == "CRDT":
        orders[name] = replace(orders[name], booked_back=True, status=OrderStatus.RETURNED)
    else:
        orders[name] = replace(orders[name], booked=True, status=OrderStatus.EXECUTED)
