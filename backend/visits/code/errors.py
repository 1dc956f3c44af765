"""Why a QR code is refused."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class ForeignCode(Invalid):
    """The code is not of this service, or not of the facility that shows it."""

    code = "FOREIGN_CODE"


class ForgedCode(Invalid):
    """The code looks like ours, but we did not sign it."""

    code = "FORGED_CODE"


class RevokedCode(Conflict):
    """The code was ours and has been replaced or withdrawn."""

    code = "REVOKED_CODE"


class ExpiredCode(Conflict):
    """The citizen's code is older than its life; a screenshot does not serve."""

    code = "EXPIRED_CODE"


class UsedCode(Conflict):
    """The citizen's code has served already."""

    code = "USED_CODE"


class FacilityNotFound(NotFound):
    """There is no such facility of this executor."""

    code = "FACILITY_NOT_FOUND"


class FacilityShut(Conflict):
    """No care is given at this facility since `closed_on`: its code is revoked (M §31)."""

    code = "FACILITY_SHUT"


class NotProduction(Conflict):
    """Only a production facility gets a code (M §6(5))."""

    code = "FACILITY_NOT_PRODUCTION"
