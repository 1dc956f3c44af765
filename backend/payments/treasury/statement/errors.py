"""Refusals about statements and bookings."""

from backend.kernel.errors import Conflict, NotFound


class BookingNotFound(NotFound):
    """There is no such booking."""

    code = "BOOKING_NOT_FOUND"


class BookingSettled(Conflict):
    """The booking agrees with an order or a transfer, or has been explained."""

    code = "BOOKING_SETTLED"


class StatementNotFound(NotFound):
    """There is no such statement."""

    code = "STATEMENT_NOT_FOUND"
