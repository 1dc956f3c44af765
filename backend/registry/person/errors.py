"""Refusals about persons."""

from backend.kernel.errors import NotFound, Unavailable


class InsuredNotFound(NotFound):
    """The registry knows nobody of that number."""

    code = "INSURED_NOT_FOUND"


class LookupKeyGone(Unavailable):
    """This process hashes persons' numbers with a key that was changed: it has to be started anew."""

    code = "LOOKUP_KEY_GONE"
