"""Refusals about samples."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class SampleNotFound(NotFound):
    """There is no such sample, or it is not published."""

    code = "SAMPLE_NOT_FOUND"


class SamplePeriod(Invalid):
    """The period ends before it begins, or is longer than a year."""

    code = "SAMPLE_PERIOD"


class SampleNotDrawn(Conflict):
    """The worker has not drawn it yet."""

    code = "SAMPLE_NOT_DRAWN"


class SeedHeld(Conflict):
    """A monitoring drawn from it has not begun, it is not drawn, or its seed is public already."""

    code = "SAMPLE_SEED_HELD"
