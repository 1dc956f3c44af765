"""Refusals of the decision as a step of the process; those of the computation stand in `errors`."""

from backend.kernel.errors import Conflict, NotFound


class DecisionNotFound(NotFound):
    """There is no such decision, or it is not signed yet."""

    code = "DECISION_NOT_FOUND"


class AlreadyDecided(Conflict):
    """The announcement has a decision."""

    code = "ALREADY_DECIDED"


class WindowOpen(Conflict):
    """Applications are still being accepted."""

    code = "WINDOW_OPEN"


class ApplicationsWaiting(Conflict):
    """Applications have not been reviewed yet."""

    code = "APPLICATIONS_WAITING"


class CapacityMissing(Conflict):
    """A line's base is the capacity and one is not known: unknown is never zero (domain 5.4)."""

    code = "MISSING_CAPACITY"


class LineUncomputable(Conflict):
    """A line cannot be computed; the code says why."""

    code = "BAD_CASE"


class ResultChanged(Conflict):
    """What was signed is not the result that stands."""

    code = "RESULT_CHANGED"


class DecisionStateWrong(Conflict):
    """The decision is in another state than this step needs."""

    code = "DECISION_STATE_WRONG"


class ResidueNone(Conflict):
    """The plan is allocated to the last unit."""

    code = "RESIDUE_NONE"


class AnnouncementOpen(Conflict):
    """Another announcement of the plan is not decided yet, so its residue is not known."""

    code = "ANNOUNCEMENT_OPEN"


class PlanNotInForce(Conflict):
    """Only a published plan has a residue to announce."""

    code = "PLAN_NOT_IN_FORCE"


class AlgorithmMissing(Conflict):
    """The configured algorithm is none of ours, and none that is installed (D31)."""

    code = "ALGORITHM_UNKNOWN"
