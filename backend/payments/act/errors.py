"""Refusals about acts."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class ActNotFound(NotFound):
    """There is no such act, or it is another executor's."""

    code = "ACT_NOT_FOUND"


class ContractNotFound(NotFound):
    """There is no such contract, or it is another executor's."""

    code = "CONTRACT_NOT_FOUND"


class ContractNotSigned(Conflict):
    """The contract is not signed by both parties, or it has ended."""

    code = "CONTRACT_NOT_SIGNED"


class PeriodMismatch(Invalid):
    """The period is turned round, not over yet, or outside the contract's validity."""

    code = "PERIOD_MISMATCH"


class DuplicateAct(Conflict):
    """An act of this contract and number has been presented (M §13)."""

    code = "DUPLICATE_ACT"


class ActStateWrong(Conflict):
    """The act is in a state (`status`) that does not allow this."""

    code = "ACT_STATE_WRONG"


class ContentMismatch(Invalid):
    """The hash is not that of the act as it was submitted."""

    code = "CONTENT_MISMATCH"


class NotInOrder(Conflict):
    """An earlier act waits: the issuer signs in the order of submission; `next` is its number."""

    code = "NOT_IN_ORDER"


class OverContract(Conflict):
    """The contract does not hold so much any more."""

    code = "OVER_CONTRACT"
