"""Which acts may be taken back. Pure."""

from backend.payments.act.errors import ActNotFound, ActStateWrong, ContentMismatch
from backend.payments.act.model import ActStatus
from backend.payments.cancellation.errors import InvoiceStands
from backend.payments.cancellation.model import AgreeToCancel, CancelAct, CancelledAct


def require_cancellable(
    act: CancelledAct | None, command: CancelAct | AgreeToCancel
) -> CancelledAct:
    """Presented or signed, without an e-invoice, never in a register or paid.

    Raises ActNotFound, ContentMismatch, ActStateWrong, InvoiceStands.
    """
    if act is None:
        raise ActNotFound(path="$.act_id")
    if act.content_sha256.hex() != command.content_sha256:
        raise ContentMismatch(path="$.content_sha256")
    if act.invoiced and act.status in (ActStatus.SIGNED_BY_ISSUER, ActStatus.INVOICED):
        raise InvoiceStands
    if act.status not in (ActStatus.CHECK_PASSED, ActStatus.SIGNED_BY_ISSUER):
        raise ActStateWrong(status=act.status)
    return act
