"""What an e-invoice must agree with (domain 3.7). Pure."""

from datetime import date

from backend.kernel.clock import legal_date
from backend.payments.invoice.errors import (
    InvoicePeriodMismatch,
    InvoiceTooEarly,
    NoBasis,
    SumMismatch,
)
from backend.payments.invoice.model import InvoicedAct, IssueInvoice


def require_agreement(command: IssueInvoice, act: InvoicedAct, today: date) -> None:
    """Contract, period and sum are the act's, and the issuer has signed it.

    Raises InvoiceTooEarly, NoBasis, InvoicePeriodMismatch, SumMismatch.
    """
    if act.signed_at is None or act.status == "CANCELLED":
        raise InvoiceTooEarly(status=act.status)
    if command.contract_id != act.contract_id:
        raise NoBasis(path="$.contract_id")
    if (command.period_from, command.period_to) != (act.period_from, act.period_to):
        raise InvoicePeriodMismatch(path="$.period_from")
    if not legal_date(act.signed_at) <= command.issued_on <= today:
        raise InvoicePeriodMismatch(path="$.issued_on")
    if command.total_tiyn != act.total_tiyn:
        raise SumMismatch(path="$.total_tiyn")
