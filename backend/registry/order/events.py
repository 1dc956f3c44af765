"""Facts about orders."""

from backend.kernel.events import Event


class OrderAccepted(Event, frozen=True):
    """An order was accepted and will be carried out; the subject is the order."""

    operation: str


class PoliciesIssued(Event, frozen=True):
    """An order has been carried out: so many policies of that year were issued."""

    year: int
    count: int


class OrderCarriedOut(Event, frozen=True):
    """An order has been carried out: so many were served, so many could not be."""

    operation: str
    done: int
    refused: int


class PoliciesExpired(Event, frozen=True):
    """The policies of a year have ended with it; the subject is nobody."""

    year: int
    count: int
