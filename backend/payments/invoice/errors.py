"""Refusals about e-invoices."""

from backend.kernel.errors import Conflict, Invalid


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
