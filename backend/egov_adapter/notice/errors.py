"""Why a chat is not connected."""

from backend.kernel.errors import Conflict, Invalid


class CitizenUnproved(Invalid):
    """The token opens no session of a citizen: it has ended, or it is a representative's."""

    code = "CITIZEN_UNPROVED"


class NoticeNotClaimed(Conflict):
    """No notice is claimed by this number."""

    code = "NOTICE_NOT_CLAIMED"
