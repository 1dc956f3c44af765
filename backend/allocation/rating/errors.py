"""Refusals of rating imports."""

from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.tables import RowsInvalid


class UnknownExecutor(Invalid):
    """A row names a BIN no executor has; nothing is imported."""

    code = "UNKNOWN_EXECUTOR"


class RowTwice(Invalid):
    """Two rows speak of the same executor and service; nothing is imported."""

    code = "ROW_TWICE"


class RatingRowsInvalid(RowsInvalid):
    """Rows cannot be taken; `errors` names them all, and nothing was imported."""

    code = "RATING_ROWS_INVALID"


class NoIndicators(Conflict):
    """No indicator is in force on that day, so there is nothing to rate by."""

    code = "NO_INDICATORS"


class ExecutorNotFound(NotFound):
    """There is no such executor, or it is not yours to see."""

    code = "EXECUTOR_NOT_FOUND"


class RatingNotFound(NotFound):
    """The executor has no rating for this kind of service."""

    code = "RATING_NOT_FOUND"
