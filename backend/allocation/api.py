"""The HTTP handlers of this wing, gathered from its rooms for the composition root."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from backend.allocation.amendment import api as amendment
from backend.allocation.application import api as application
from backend.allocation.capacity import api as capacity
from backend.allocation.contract import api as contract
from backend.allocation.contract import sealing_api
from backend.allocation.decision import api as decision
from backend.allocation.licence_need import api as licence_need
from backend.allocation.plan import api as plan
from backend.allocation.plan_change import api as plan_change
from backend.allocation.purchase_rule import api as purchase_rule
from backend.allocation.rating import api as rating

HANDLERS: Sequence[ControllerRouterHandler] = [
    *plan.HANDLERS,
    *plan_change.HANDLERS,
    *rating.HANDLERS,
    *capacity.HANDLERS,
    *application.HANDLERS,
    *purchase_rule.HANDLERS,
    *licence_need.HANDLERS,
    *decision.HANDLERS,
    *contract.HANDLERS,
    *sealing_api.HANDLERS,
    *amendment.HANDLERS,
]
