"""Refusals of uploads."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class UploadNotFound(NotFound):
    """There is no such file, or it is another source's."""

    code = "UPLOAD_NOT_FOUND"


class UploadDiffers(Conflict):
    """Another file was announced under this upload_id."""

    code = "UPLOAD_DIFFERS"


class UploadComplete(Conflict):
    """The file has come whole, or was given up: no piece is taken any more."""

    code = "UPLOAD_COMPLETE"


class OffsetMismatch(Conflict):
    """The next piece must begin where the file stands, at `received`."""

    code = "UPLOAD_OFFSET_MISMATCH"


class PieceTooLong(Invalid):
    """More bytes than were announced."""

    code = "UPLOAD_TOO_LONG"


class LineTooLong(Invalid):
    """A line is longer than any row can be."""

    code = "UPLOAD_LINE_TOO_LONG"


class HeaderInvalid(Invalid):
    """The first line of a CSV file names the columns: iin, executor_bin and since at least."""

    code = "UPLOAD_HEADER_INVALID"
