"""Why a request is not taken, or has nothing to show yet."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class ConsentUnknown(Invalid):
    """This consent was never asked of this person, or its time is over."""

    code = "CONSENT_UNKNOWN"


class ConsentCodeWrong(Invalid):
    """The digital-documents service does not know this code."""

    code = "CONSENT_CODE_WRONG"


class ConsentUsed(Conflict):
    """One consent serves one request."""

    code = "CONSENT_USED"


class RequestRunning(Conflict):
    """A request of this person runs; `request_id` is its id."""

    code = "SERVICE_REQUEST_RUNNING"


class RequestNotFound(NotFound):
    """The asking person has no request of this id."""

    code = "SERVICE_REQUEST_NOT_FOUND"


class ResultNotReady(Conflict):
    """The request runs; `due_at` says until when."""

    code = "SERVICE_RESULT_NOT_READY"


class CourtActNotFound(NotFound):
    """No such court act is in force."""

    code = "COURT_ACT_NOT_FOUND"


class CourtActUnsound(Invalid):
    """The act is decided after it is in force, or ends before it begins."""

    code = "COURT_ACT_UNSOUND"
