"""Refusals about lists of insured."""

from backend.kernel.errors import Conflict, NotFound


class InsuredListNotFound(NotFound):
    """There is no such list."""

    code = "INSURED_LIST_NOT_FOUND"


class InsuredListNotReady(Conflict):
    """The list is `status`: being composed still, or forgotten."""

    code = "INSURED_LIST_NOT_READY"


class ExecutorNotFound(NotFound):
    """No executor of that BIN is registered."""

    code = "EXECUTOR_NOT_FOUND"
