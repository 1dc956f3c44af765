"""Refusals about restrictions."""

from backend.kernel.errors import Conflict, Invalid


class GroundNotApplicable(Invalid):
    """B1 and C1 are for persons and sole proprietors, B2 and C2 for legal entities (D42)."""

    code = "GROUND_NOT_APPLICABLE"


class AccountStatusWrong(Conflict):
    """The account is `status` now, and that does not allow it."""

    code = "ACCOUNT_STATUS_WRONG"


class WhoseAccount(Invalid):
    """Exactly one of `iin` and `bin` says whose account is meant."""

    code = "WHOSE_ACCOUNT"
