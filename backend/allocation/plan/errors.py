"""Refusals of plans and announcements."""

from backend.kernel.errors import Conflict, Invalid, NotFound
from backend.kernel.tables import RowsInvalid


class PlanNotFound(NotFound):
    """There is no such plan, or it is not published."""

    code = "PLAN_NOT_FOUND"


class AnnouncementNotFound(NotFound):
    """There is no such announcement."""

    code = "ANNOUNCEMENT_NOT_FOUND"


class PlanRowsInvalid(RowsInvalid):
    """Rows of the plan cannot be taken; `errors` names them all, and nothing was imported."""

    code = "PLAN_ROWS_INVALID"
    rows_path = "lines"


class PlanStateWrong(Conflict):
    """The plan is in another state than this step needs."""

    code = "PLAN_STATE_WRONG"


class PlanInForce(Conflict):
    """Another plan of this year is in force; it is changed by an amendment."""

    code = "PLAN_IN_FORCE"


class LimitsExceeded(Conflict):
    """The sums of a funding source are above its financing limit (D24)."""

    code = "LIMIT_EXCEEDED"


class PilotExpired(Conflict):
    """The pilot is over: no new placements (M order ¶5, D1)."""

    code = "PILOT_EXPIRED"


class DocumentMismatch(Invalid):
    """The signed document names another thing than the address does."""

    code = "DOCUMENT_MISMATCH"
