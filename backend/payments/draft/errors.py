"""Refusals about drafts."""

from backend.kernel.errors import Conflict, NotFound


class DraftNotFound(NotFound):
    """There is no such draft, or it is another executor's."""

    code = "DRAFT_NOT_FOUND"


class DraftClosed(Conflict):
    """The draft was signed already, or another took its place (`status`)."""

    code = "DRAFT_CLOSED"


class NothingToBill(Conflict):
    """The MIS has told of no service of this contract and period that is not presented yet."""

    code = "NOTHING_TO_BILL"
