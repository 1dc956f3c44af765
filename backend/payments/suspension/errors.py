"""Refusals about suspensions."""

from backend.kernel.errors import Conflict, NotFound


class Suspended(Conflict):
    """Approval and payment are frozen; `ground` says why (M §15)."""

    code = "SUSPENDED"


class SuspensionNotFound(NotFound):
    """There is no such suspension, or it is another executor's."""

    code = "SUSPENSION_NOT_FOUND"


class SuspensionNotActive(Conflict):
    """It has been resumed, or its four months have run out (M §16, §17(3))."""

    code = "SUSPENSION_NOT_ACTIVE"


class AlreadySuspended(Conflict):
    """The same is suspended on the same ground already."""

    code = "ALREADY_SUSPENDED"


class ExecutorUnknown(NotFound):
    """There is no such executor, or the contract is not with it."""

    code = "EXECUTOR_NOT_FOUND"


class CauseNotRemoved(Conflict):
    """The source still shows the cause, in a record as new as the document or newer (M §16)."""

    code = "CAUSE_NOT_REMOVED"
