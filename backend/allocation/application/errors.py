"""Refusals of applications."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class WindowClosed(Conflict):
    """The acceptance window is over, by the server's clock (M §8, D4)."""

    code = "WINDOW_CLOSED"


class LiveApplicationExists(Conflict):
    """The executor has a live application for one of the lines (domain 3.3)."""

    code = "DUPLICATE_APPLICATION"


class UnknownLine(Invalid):
    """A line asked for is not in the announcement."""

    code = "UNKNOWN_LINE"


class LineTwice(Invalid):
    """A line is asked for twice in one application."""

    code = "LINE_TWICE"


class UnknownFacility(Invalid):
    """A facility named in a licence or conclusion is not the applicant's."""

    code = "UNKNOWN_FACILITY"


class CoExecutorInvalid(Invalid):
    """A co-executor is named twice, is the applicant, or asks for more than the line's request."""

    code = "CO_EXECUTOR_INVALID"


class ApplicationNotFound(NotFound):
    """There is no such application, or it is another executor's."""

    code = "APPLICATION_NOT_FOUND"


class ApplicationWithdrawn(Conflict):
    """The application was withdrawn; a new one goes to the end of the queue (M §9)."""

    code = "APPLICATION_WITHDRAWN"


class ApplicationReviewed(Conflict):
    """The application was reviewed already."""

    code = "APPLICATION_REVIEWED"


class NotInOrder(Conflict):
    """An earlier one comes first: the law asks for chronological order (M §9, §12)."""

    code = "NOT_IN_ORDER"


class GroundInvalid(Invalid):
    """A rejection needs a ground of the closed list and a text; an acceptance has none (M §10)."""

    code = "GROUND_INVALID"


class NothingChanged(Conflict):
    """A rejected or withdrawn application has nothing to be changed."""

    code = "APPLICATION_OVER"
