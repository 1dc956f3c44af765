"""Refusals about accounts."""

from backend.kernel.errors import Conflict, Invalid


class AlreadyRegistered(Conflict):
    """This organisation has an account."""

    code = "ALREADY_REGISTERED"


class AccountNotOpen(Conflict):
    """There is no open account: register first."""

    code = "ACCOUNT_NOT_OPEN"


class AccountBlocked(Conflict):
    """The account is blocked; only the registrar unblocks it, on an act of a state body."""

    code = "ACCOUNT_BLOCKED"


class AgreementAlreadySigned(Conflict):
    """The user agreement is concluded."""

    code = "AGREEMENT_ALREADY_SIGNED"


class AgreementNotSigned(Conflict):
    """There is no user agreement to withdraw from."""

    code = "AGREEMENT_NOT_SIGNED"


class AgreementWithdrawn(Conflict):
    """The executor withdrew from the user agreement: it begins nothing new until it concludes another."""

    code = "AGREEMENT_WITHDRAWN"


class DfoYearWrong(Invalid):
    """The statements must be those of the previous financial year, `year` (M §6(3))."""

    code = "DFO_YEAR_WRONG"


class HeadMismatch(Invalid):
    """A sole proprietor is his own head: the two IIN must be one."""

    code = "HEAD_MISMATCH"


class ChangeInFuture(Invalid):
    """What will change cannot be entered yet."""

    code = "CHANGE_IN_FUTURE"


class NothingToChange(Invalid):
    """The command changes nothing."""

    code = "NOTHING_TO_CHANGE"
