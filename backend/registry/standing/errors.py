"""Refusals of this room."""

from backend.kernel.errors import NotFound


class RecomputationNotFound(NotFound):
    """There is no such recomputation."""

    code = "RECOMPUTATION_NOT_FOUND"
