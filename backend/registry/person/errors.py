"""Refusals about persons."""

from backend.kernel.errors import NotFound


class InsuredNotFound(NotFound):
    """The registry knows nobody of that number."""

    code = "INSURED_NOT_FOUND"
