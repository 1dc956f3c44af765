"""Refusals about orders."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class PilotExpired(Conflict):
    """No policies are issued outside the pilot's term (M order ¶5, D1)."""

    code = "PILOT_EXPIRED"


class YearNotOpen(Invalid):
    """Policies are issued for the present and the next financial year, inside the pilot."""

    code = "YEAR_NOT_OPEN"


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "ORDER_NOT_FOUND"
