"""Refusals about payment orders."""

from backend.kernel.errors import Conflict, NotFound


class OrderNotFound(NotFound):
    """There is no such payment order."""

    code = "PAYMENT_ORDER_NOT_FOUND"


class OrderStateWrong(Conflict):
    """The order is in a state (`status`) that does not allow this."""

    code = "PAYMENT_ORDER_STATE_WRONG"
