"""Why a complaint is refused."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class ComplaintNotFound(NotFound):
    """There is no complaint of this number."""

    code = "COMPLAINT_NOT_FOUND"


class BilledNotFound(NotFound):
    """No such service was billed in the asking citizen's name."""

    code = "BILLED_NOT_FOUND"


class AlreadyDisputed(Conflict):
    """This billed service is disputed; `tracking_number` is that complaint's."""

    code = "ALREADY_DISPUTED"


class AlreadyAnswered(Conflict):
    """The complaint has its answer."""

    code = "ALREADY_ANSWERED"


class ConfirmationUnclear(Invalid):
    """The answer to a service complaint says whether it is confirmed, and means it; no other one does."""

    code = "CONFIRMATION_UNCLEAR"


class ComplaintIncomplete(Invalid):
    """A complaint about a clinic names the clinic and the ground, one about the Fund neither."""

    code = "COMPLAINT_INCOMPLETE"
