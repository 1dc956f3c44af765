"""Refusals of this room."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class FileNotFound(NotFound):
    """There is no such file, or it is another's."""

    code = "FILE_NOT_FOUND"


class FileDiffers(Conflict):
    """Another file was handed in under this name."""

    code = "FILE_DIFFERS"


class FileHashMismatch(Invalid):
    """The content is not what its hash says, or not base64."""

    code = "FILE_HASH_MISMATCH"


class RepairNotFound(NotFound):
    """There is no such row in the queue."""

    code = "REPAIR_NOT_FOUND"


class RepairClosed(Conflict):
    """The row waits no more."""

    code = "REPAIR_CLOSED"


class StillBroken(Invalid):
    """With these numbers the row cannot be taken either; `fault` says why."""

    code = "STILL_BROKEN"
