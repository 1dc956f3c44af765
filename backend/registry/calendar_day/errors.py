"""Refusals about the calendar."""

from backend.kernel.errors import Conflict, Invalid


class DayInPast(Invalid):
    """A day that is over counts as it counted: terms that ended on it ended."""

    code = "DAY_IN_PAST"


class DayAlreadySo(Conflict):
    """The table says that already, or has no row to take away."""

    code = "DAY_ALREADY_SO"
