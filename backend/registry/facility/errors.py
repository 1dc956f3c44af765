"""Refusals about facilities."""

from backend.kernel.errors import Conflict


class FacilityExists(Conflict):
    """This executor has a facility of that name at that address."""

    code = "FACILITY_EXISTS"
