"""Refusals about e-invoices."""

from backend.kernel.errors import Conflict, Invalid, NotFound


class InvoiceTooEarly(Conflict):
    """The e-invoice comes only after the issuer has signed the act (M §13); `status` is the act's."""

    code = "INVOICE_TOO_EARLY"


class DuplicateInvoice(Conflict):
    """The act has an e-invoice, or the number has been used."""

    code = "DUPLICATE_INVOICE"


class SumMismatch(Invalid):
    """The sum is not the act's."""

    code = "SUM_MISMATCH"


class InvoicePeriodMismatch(Invalid):
    """The period is not the act's, or the date lies before the issuer's signature or ahead."""

    code = "PERIOD_MISMATCH"


class NoBasis(Invalid):
    """The contract is not the act's."""

    code = "NO_BASIS"


class InvoiceNotFound(NotFound):
    """The act has no such e-invoice."""

    code = "INVOICE_NOT_FOUND"


class InvoiceStateWrong(Conflict):
    """The e-invoice (`status`) or its act (`act`) is in a state that does not allow this."""

    code = "INVOICE_STATE_WRONG"
