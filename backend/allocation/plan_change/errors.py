"""Refusals of plan changes."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class ChangeNotFound(NotFound):
    """There is no such change."""

    code = "PLAN_CHANGE_NOT_FOUND"


class ChangeStateWrong(Conflict):
    """The change is in another state than this step needs."""

    code = "PLAN_CHANGE_STATE_WRONG"


class NotAgreedYet(Conflict):
    """The ministry has not agreed, or its ten working days are not over (`until`)."""

    code = "PLAN_CHANGE_NOT_AGREED"


class RemarksMissing(Invalid):
    """Remarks need words, agreement has none."""

    code = "PLAN_CHANGE_REMARKS"


class LineUnknown(Invalid):
    """The plan has no such line, or has one already where a new one is to be."""

    code = "PLAN_CHANGE_LINE"


class LineTwice(Invalid):
    """One line is named by two edits."""

    code = "PLAN_CHANGE_LINE_TWICE"


class LineCommitted(Conflict):
    """So many units of the line are contracted, decided or announced: it cannot have fewer."""

    code = "PLAN_CHANGE_COMMITTED"


class NothingChanges(Invalid):
    """The line has exactly so many units already."""

    code = "PLAN_CHANGE_NOTHING"
