"""What an e-invoice must agree with (domain 3.7). Pure."""

from datetime import date, timedelta
from typing import Final

from backend.kernel import money
from backend.kernel.clock import legal_date
from backend.payments.invoice.errors import (
    InvoiceNotFound,
    InvoicePeriodMismatch,
    InvoiceStateWrong,
    InvoiceTooEarly,
    NoBasis,
    SumMismatch,
)
from backend.payments.invoice.model import (
    Compared,
    DifferenceKind,
    InvoicedAct,
    InvoiceStatus,
    IssueInvoice,
)
from backend.sources.tax.service import TaxKnown

COMPARE_EVERY: Final = timedelta(days=1)
COMPARE_SOON: Final = timedelta(hours=1)  # while something differs
COMPARE_AFTER: Final = timedelta(minutes=10)  # a fresh invoice is still being registered

Detail = dict[str, list[str | None]]


def differs(
    ours: Compared, theirs: TaxKnown | None, issuer_bin: str
) -> tuple[DifferenceKind, Detail] | None:
    """What differs between our e-invoice and the tax body's, ours first; None when they agree."""
    if theirs is None:
        if ours.status is not InvoiceStatus.LINKED:
            return None  # it is still being registered
        return DifferenceKind.UNKNOWN_TO_TAX, {}
    if theirs.status == "REVOKED":
        return DifferenceKind.REVOKED_AT_TAX, {"status": [ours.status, theirs.status]}
    content: Detail = {
        "amount": [money.plain(ours.total_tiyn), theirs.amount],
        "buyer_bin": [issuer_bin, theirs.buyer_bin],
        "contract_number": [ours.contract_number, theirs.contract_number],
        "period_from": [ours.period_from.isoformat(), theirs.period_from.isoformat()],
        "period_to": [ours.period_to.isoformat(), theirs.period_to.isoformat()],
    }
    if wrong := {name: pair for name, pair in content.items() if pair[0] != pair[1]}:
        return DifferenceKind.CONTENT_DIFFERS, {**wrong}
    numbers: list[str | None] = [ours.registration_number, theirs.registration_number]
    if ours.status is InvoiceStatus.ISSUED:
        return DifferenceKind.NOT_LINKED, {"registration_number": numbers}
    if numbers[0] != numbers[1]:
        return DifferenceKind.REGISTRATION_DIFFERS, {"registration_number": numbers}
    return None


def require_revocable(found: Compared | None) -> Compared:
    """Confirmed, and its act in no register. Raises InvoiceNotFound, InvoiceStateWrong."""
    if found is None:
        raise InvoiceNotFound(path="$.invoice_id")
    if found.status is not InvoiceStatus.LINKED or found.act_status != "INVOICED":
        raise InvoiceStateWrong(status=found.status, act=found.act_status)
    return found


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
