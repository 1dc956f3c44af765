"""Refusals about cancelling acts."""

from backend.kernel.errors import Conflict, NotFound


class CancellationNotFound(NotFound):
    """Nobody has proposed to cancel this act, or it is another executor's."""

    code = "CANCELLATION_NOT_FOUND"


class InvoiceStands(Conflict):
    """An e-invoice of the act stands: it is revoked first."""

    code = "INVOICE_STANDS"
