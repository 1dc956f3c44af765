"""The HTTP handlers of this wing, gathered from its rooms for the composition root."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from backend.payments.act import api as act
from backend.payments.amendment import api as amendment
from backend.payments.cancellation import api as cancellation
from backend.payments.detection import api as detection
from backend.payments.draft import api as draft
from backend.payments.invoice import api as invoice
from backend.payments.ledger import api as ledger
from backend.payments.monitoring import api as monitoring
from backend.payments.proof import api as proof
from backend.payments.report import api as report
from backend.payments.sampling import api as sampling
from backend.payments.suspension import api as suspension
from backend.payments.termination import api as termination
from backend.payments.treasury import api as treasury

HANDLERS: Sequence[ControllerRouterHandler] = [
    *act.HANDLERS,
    *report.HANDLERS,
    *draft.HANDLERS,
    *cancellation.HANDLERS,
    *amendment.HANDLERS,
    *invoice.HANDLERS,
    *suspension.HANDLERS,
    *detection.HANDLERS,
    *termination.HANDLERS,
    *treasury.HANDLERS,
    *ledger.HANDLERS,
    *proof.HANDLERS,
    *monitoring.HANDLERS,
    *sampling.HANDLERS,
]
