"""Refusals of this room."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class DataRequestUnknown(NotFound):
    """No request has this number."""

    code = "DATA_REQUEST_UNKNOWN"


class DataRequestPersonal(Invalid):
    """The text holds a personal number: whose data are wanted stands in the enclosure."""

    code = "DATA_REQUEST_PERSONAL"


class DataRequestAnswered(Conflict):
    """The data were given or refused already."""

    code = "DATA_REQUEST_ANSWERED"


class DataRequestDates(Invalid):
    """The day of the answer lies before the request, or in the future."""

    code = "DATA_REQUEST_DATES"
