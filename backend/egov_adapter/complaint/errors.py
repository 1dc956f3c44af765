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


class NotTheIssuersAnswer(Conflict):
    """What is lodged with the quality body is answered by that body."""

    code = "NOT_ISSUERS_ANSWER"


class MustBeForwarded(Conflict):
    """A pre-trial complaint that the issuer does not satisfy fully goes to the body above (M §53)."""

    code = "MUST_BE_FORWARDED"


class NotForwarded(Conflict):
    """The complaint was not forwarded: there is nobody's decision to record."""

    code = "NOT_FORWARDED"


class CannotBeForwarded(Conflict):
    """A complaint to the issuer's head is answered by the head; one that is forwarded is forwarded."""

    code = "CANNOT_BE_FORWARDED"


class FileDiffers(Conflict):
    """The administrative file is not the one that was signed for: look at it again."""

    code = "ADMINISTRATIVE_FILE_DIFFERS"


class TooManyFiles(Conflict):
    """A complaint takes so many pictures (`most`), and none after its answer."""

    code = "COMPLAINT_FILES_FULL"


class FileNotFound(NotFound):
    """There is no such picture, or it is not of this complaint."""

    code = "COMPLAINT_FILE_NOT_FOUND"
