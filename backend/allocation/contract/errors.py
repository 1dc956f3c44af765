"""Refusals of contracts."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class ContractNotFound(NotFound):
    """There is no such contract, or the actor is not a party to it."""

    code = "CONTRACT_NOT_FOUND"


class ContractStateWrong(Conflict):
    """The contract is in another state than this step needs."""

    code = "CONTRACT_STATE_WRONG"


class ApprovalOutdated(Conflict):
    """The approval names other contracts, or other contents, than the decision has."""

    code = "APPROVAL_OUTDATED"


class SealingNotFound(NotFound):
    """The contracts of this decision were not approved at once."""

    code = "SEALING_NOT_FOUND"


class ContentChanged(Invalid):
    """The signature is over other bytes than the contract's content."""

    code = "CONTENT_CHANGED"


class ContractTwice(Invalid):
    """A contract stands twice in one request."""

    code = "ROW_TWICE"
