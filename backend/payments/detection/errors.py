"""Refusals about rounds."""

from backend.kernel.errors import Conflict, NotFound


class RoundNotFound(NotFound):
    """There is no such round."""

    code = "ROUND_NOT_FOUND"


class RoundNotHeld(Conflict):
    """The round does not wait for a decision: it was applied, decided, or a later one replaced it."""

    code = "ROUND_NOT_HELD"


class RoundDiffers(Conflict):
    """What was signed is not what the round found."""

    code = "ROUND_DIFFERS"
