"""Refusals about facilities."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class FacilityExists(Conflict):
    """This executor has a facility of that name at that address."""

    code = "FACILITY_EXISTS"


class FacilityNotFound(NotFound):
    """There is no such facility of this executor."""

    code = "FACILITY_NOT_FOUND"


class FacilityClosed(Conflict):
    """The facility is closed, or will be, on another day."""

    code = "FACILITY_CLOSED"


class ClosedTooEarly(Invalid):
    """A facility cannot have closed before it was digitised."""

    code = "FACILITY_CLOSED_TOO_EARLY"
