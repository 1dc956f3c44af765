"""Refusals about terminations."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class TerminationNotFound(NotFound):
    """There is no such termination, or it is another executor's."""

    code = "TERMINATION_NOT_FOUND"


class TerminationNotOpen(Conflict):
    """The contracts are terminated already, or the termination was withdrawn."""

    code = "TERMINATION_NOT_OPEN"


class AlreadyTerminated(Conflict):
    """Payment is stopped on this ground by this document already."""

    code = "ALREADY_TERMINATED"


class NothingToTerminate(Conflict):
    """The executor has no contract under which payment could be stopped."""

    code = "NOTHING_TO_TERMINATE"


class DocumentNeeded(Invalid):
    """Termination needs documentary confirmation (M §17)."""

    code = "DOCUMENT_NEEDED"


class EffectiveDateWrong(Invalid):
    """The ground cannot count from that day: it has not come, or is before its document."""

    code = "EFFECTIVE_DATE_WRONG"


class ActNotBefore(Conflict):
    """The act is not one that may be settled: not stopped by this, or with services on or after the date."""

    code = "ACT_NOT_BEFORE"
