"""Facts about orders."""

from backend.kernel.events import Event


class OrderAccepted(Event, frozen=True):
    """The issuer's order was accepted and will be carried out; the subject is the order."""

    operation: str


class PoliciesIssued(Event, frozen=True):
    """An order has been carried out: so many policies of that year were issued."""

    year: int
    count: int
