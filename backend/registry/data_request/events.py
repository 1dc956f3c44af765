"""Facts about requests for data; the subject is the request."""

from backend.kernel.events import Event
from backend.registry.data_request.model import Outcome, Purpose


class DataAskedFor(Event, frozen=True):
    """A state body was asked for data."""

    number: str
    purpose: Purpose


class DataRequestSettled(Event, frozen=True):
    """A body's answer was entered."""

    outcome: Outcome
