"""Refusals of the brake."""

from backend.kernel.errors import Conflict, Forbidden, NotFound


class HoldNotFound(NotFound):
    """There is no such held run."""

    code = "HOLD_NOT_FOUND"


class HoldDecided(Conflict):
    """This run was released or discarded already."""

    code = "HOLD_DECIDED"


class HoldDiffers(Conflict):
    """What was signed is not what is held."""

    code = "HOLD_DIFFERS"


class HoldNotYours(Forbidden):
    """Accounts are blocked and closed by the registrar alone (M §33, §34): so is such a run decided."""

    code = "HOLD_NOT_YOURS"


class LimitNeeded(Conflict):
    """The limit of all regions can be changed, not taken away: without it nothing would brake."""

    code = "BRAKE_LIMIT_NEEDED"
