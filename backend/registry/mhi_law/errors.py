"""Refusals of this room."""

from backend.kernel.errors import Conflict


class FigureClosed(Conflict):
    """The year is over, or too far ahead: its minimum wage is not entered any more, or not yet."""

    code = "FIGURE_CLOSED"


class FigureKnown(Conflict):
    """This very row stands already."""

    code = "FIGURE_KNOWN"
