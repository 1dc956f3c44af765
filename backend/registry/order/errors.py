"""Refusals about orders."""

from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany


class PilotExpired(Conflict):
    """No policies are issued outside the pilot's term (M order ¶5, D1)."""

    code = "PILOT_EXPIRED"


class YearNotOpen(Invalid):
    """Policies are issued for the present and the next financial year, inside the pilot."""

    code = "YEAR_NOT_OPEN"


class OrderNotFound(NotFound):
    """There is no such order, or it is not the asker's."""

    code = "ORDER_NOT_FOUND"


class OneOrClass(Invalid):
    """An order names one insured or describes a class of them, not both."""

    code = "ONE_OR_CLASS"


class NotAttached(Forbidden):
    """An executor orders about those attached to it and nobody else (M §38)."""

    code = "NOT_ATTACHED"


class OrderWatchedTooMuch(TooMany):
    """This process has as many who follow orders as it can serve."""

    code = "ORDER_WATCHED_TOO_MUCH"
