"""Refusals of this room, and of the whole registry while it rests."""

from backend.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class RegistryRests(Unavailable):
    """The registry is in a technical break: nothing in it changes until the break is over (M §24)."""

    code = "TECHNICAL_BREAK"


class BreakUnknown(NotFound):
    """No break has this number."""

    code = "BREAK_UNKNOWN"


class BreakNoticeTooLate(Conflict):
    """Three full working days do not lie between today and the break (M §24, D15)."""

    code = "BREAK_NOTICE_TOO_LATE"


class BreakTimes(Invalid):
    """It ends before it begins, lasts too long, or lies too far away."""

    code = "BREAK_TIMES"


class BreakOverlaps(Conflict):
    """Another planned break lies in that time, or the registry is in a break now."""

    code = "BREAK_OVERLAPS"


class BreakNotDue(Conflict):
    """It does not begin before the hour it was announced for."""

    code = "BREAK_NOT_DUE"


class BreakStateWrong(Conflict):
    """The break stands where this step is not possible."""

    code = "BREAK_STATE"
