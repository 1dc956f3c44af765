"""Refusals of extracts."""

from backend.kernel.errors import NotFound


class ExtractNotFound(NotFound):
    """There is no such extract, or it was not given to who asks."""

    code = "EXTRACT_NOT_FOUND"


class NoPolicyToShow(NotFound):
    """The person has no policy of this year."""

    code = "NO_POLICY"
