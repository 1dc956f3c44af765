"""Refusals about funding."""

from backend.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class LebFundsMhiOnly(Invalid):
    """Local executive bodies transfer money for MHI only (M §4(4), D32)."""

    code = "LEB_FUNDS_MHI_ONLY"


class NotYourMoney(Forbidden):
    """The invoice is not addressed to this payer, or the money is of another kind."""

    code = "NOT_YOUR_MONEY"


class FundingInvoiceNotFound(NotFound):
    """There is no such funding invoice."""

    code = "FUNDING_INVOICE_NOT_FOUND"


class DuplicateFunding(Conflict):
    """The number or reference was used with other data."""

    code = "DUPLICATE_FUNDING"


class Overpaid(Conflict):
    """More than the invoice asks for."""

    code = "OVERPAID"


class NotEnoughMoney(Conflict):
    """The account does not hold so much."""

    code = "NOT_ENOUGH_MONEY"
