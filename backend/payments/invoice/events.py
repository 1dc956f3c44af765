"""What happened to e-invoices; `subject` is the invoice."""

from uuid import UUID

from backend.kernel.events import Event


class InvoiceIssued(Event, frozen=True):
    """An executor issued an e-invoice for an act."""

    act_id: UUID


class InvoiceConfirmed(Event, frozen=True):
    """The tax body confirmed it; the act is invoiced."""

    act_id: UUID


class InvoiceRevocationAsked(Event, frozen=True):
    """The executor takes its e-invoice back; the tax body is being told."""

    act_id: UUID


class InvoiceRevoked(Event, frozen=True):
    """The e-invoice is revoked; the act awaits another."""

    act_id: UUID


class InvoiceDiffers(Event, frozen=True):
    """The tax body has an e-invoice otherwise than we."""

    kind: str
    mended: bool
