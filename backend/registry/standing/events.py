"""Facts about statuses; persons by their opaque ids."""

from datetime import date

from backend.kernel.events import Event
from backend.registry.entitlement.model import Basis, Status


class StatusChanged(Event, frozen=True):
    """The person (the subject) became, or ceased to be, a consumer of insured care."""

    before: Status
    status: Status
    basis: Basis | None
    until: date | None


class EverybodyJudged(Event, frozen=True):
    """A recomputation (the subject) came to its end."""

    done: int
    turned: int
