"""Refusals about words on lines."""

from backend.kernel.errors import NotFound


class LineNotFound(NotFound):
    """There is no such line of an act, or it is another person's."""

    code = "LINE_NOT_FOUND"
