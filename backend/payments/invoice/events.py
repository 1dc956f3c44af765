"""What happened to e-invoices; `subject` is the invoice."""

from uuid import UUID

from backend.kernel.events import Event


class InvoiceIssued(Event, frozen=True):
    """An executor issued an e-invoice for an act."""

    act_id: UUID


class InvoiceConfirmed(Event, frozen=True):
    """The tax body confirmed it; the act is invoiced."""

    act_id: UUID
