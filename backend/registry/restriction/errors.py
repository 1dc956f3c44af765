"""Refusals about restrictions."""

from backend.kernel.errors import Conflict, Invalid


class GroundNotApplicable(Invalid):
    """B1 and C1 are for persons and sole proprietors, B2 and C2 for legal entities (D42)."""

    code = "GROUND_NOT_APPLICABLE"


class FactWrong(Invalid):
    """B1 and C1 name one of the facts of M §33(1); B2 and C2 mean liquidation, B3 no fact."""

    code = "FACT_WRONG"


class Article98Missing(Invalid):
    """B3 says how article 98 of the law on enforcement proceedings was regarded (M §33(3))."""

    code = "ARTICLE_98_MISSING"


class GroundNeeded(Invalid):
    """Several grounds stand on the account: the act's own must be named."""

    code = "GROUND_NEEDED"


class AccountStatusWrong(Conflict):
    """The account is `status` now, and that does not allow it."""

    code = "ACCOUNT_STATUS_WRONG"


class AccountUnsettled(Conflict):
    """Acts are still open on the account: it closes when they are settled (D12)."""

    code = "ACCOUNT_UNSETTLED"


class WhoseAccount(Invalid):
    """Exactly one of `iin` and `bin` says whose account is meant."""

    code = "WHOSE_ACCOUNT"


class NotReversible(Conflict):
    """Only an operation on the account's status, reversed by none yet, can be reversed (D2)."""

    code = "NOT_REVERSIBLE"
