"""Refusals of supplementary agreements."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class AmendmentNotFound(NotFound):
    """There is no such agreement, or the actor is not a party to it."""

    code = "AMENDMENT_NOT_FOUND"


class AmendmentStateWrong(Conflict):
    """The agreement, or its contract, is in another state than this step needs."""

    code = "AMENDMENT_STATE_WRONG"


class AmendmentOpen(Conflict):
    """Another agreement of this contract waits for its signatures."""

    code = "AMENDMENT_OPEN"


class ChangeNotInForce(Conflict):
    """The change of the plan is not applied, or is of another plan."""

    code = "AMENDMENT_CHANGE_NOT_IN_FORCE"


class LineNotFree(Conflict):
    """So many units of the line are free (`free`): the contract cannot get more."""

    code = "AMENDMENT_LINE_NOT_FREE"


class LineInvalid(Invalid):
    """The line is not of the contract's plan and source, stands twice, or does not change."""

    code = "AMENDMENT_LINE"
